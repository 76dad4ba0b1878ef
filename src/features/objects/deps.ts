import type { Store } from "../../kernel/store.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { OpenVault, ReadReference } from "./port.ts";

/** What the verbs of this room are made with. */
export interface Deps extends Lifecycle {
  store: Store;
  openVault: OpenVault;
  readReference: ReadReference;
}
