import type { Lifecycle } from "./lifecycle.ts";
import type { OpenVault, ReadReference } from "./port.ts";

/** What the verbs of this room are made with. */
export interface Deps extends Lifecycle {
  openVault: OpenVault;
  readReference: ReadReference;
}
