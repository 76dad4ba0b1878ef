import type { Steps } from "../../kernel/steps.ts";
import type { StateKeeper } from "./port.ts";

export interface StateDeps {
  keeper: StateKeeper;
  steps: Steps;
  /** Collections of what is good for a while only, such as a caller's tokens. */
  sessions: readonly string[];
}
