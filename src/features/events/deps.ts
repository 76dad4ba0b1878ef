import type { Clock } from "../../kernel/clock.ts";
import type { Store } from "../../kernel/store.ts";
import type { Webhook } from "./port.ts";

/** What the verbs of this room are made with. */
export interface Deps {
  store: Store;
  clock: Clock;
  /** Made where it is needed. */
  webhook: () => Promise<Webhook>;
}
