import type { Clock } from "../../kernel/clock.ts";
import type { Rights } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import type { Throttle } from "./throttle.ts";

/** What the verbs of this room are made with. */
export interface Deps {
  store: Store;
  clock: Clock;
  /** What the caller may do, and so may give; undefined for the user of this machine, who may do all. */
  granting: () => Rights | undefined;
  throttle: Throttle;
  /** The network that the caller reaches us from; undefined for the user of this machine. */
  source: () => string | undefined;
}
