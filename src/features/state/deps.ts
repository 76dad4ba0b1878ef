import type { Steps } from "../../kernel/steps.ts";
import type { StateKeeper } from "./port.ts";

/** What the verbs of this room are made with. */
export interface Deps {
  keeper: StateKeeper;
  steps: Steps;
  /** Collections of what is good for a while only, such as a caller's tokens. */
  sessions: readonly string[];
}
