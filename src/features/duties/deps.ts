import type { Clock } from "../../kernel/clock.ts";
import type { Duty } from "../../kernel/duty.ts";
import type { Steps } from "../../kernel/steps.ts";
import type { Store } from "../../kernel/store.ts";

/** What a turn of a duty is taken with. */
export interface Desk {
  store: Store;
  clock: Clock;
  /** This process, unlike any other. */
  holder: string;
  /** From 0 up to 1. */
  random: () => number;
  /** Milliseconds that a lease lasts without a sign of life. */
  leaseMs: number;
}

/** What a caller may set of the duties; what he leaves out is as in the environment. */
export interface Settings {
  /** How long rows of the audit stay: a duration, or `forever`. */
  "audit-retention"?: string | undefined;
  /** How long before it expires an object is told of: a duration. */
  "notify-before"?: string | undefined;
}

export interface Deps extends Desk {
  steps: Steps;
  /** Every duty of the house. Throws `usage` for a setting that is not valid. */
  duties: (given: Settings) => Promise<Duty[]>;
}
