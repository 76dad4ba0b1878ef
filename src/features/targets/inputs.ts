import type { Clock } from "../../kernel/clock.ts";
import { count } from "../../kernel/fields.ts";
import { present } from "../../kernel/present.ts";
import type { Limits } from "./port.ts";

/** The limits of a call, on every verb. */
export const limits = () => ({
  timeout: count("Seconds until the command gives up", [1, 3600]),
  "max-retries": count("How often a request is sent again after a hiccup", [0, 10]),
});

export interface GivenLimits {
  timeout?: number | undefined;
  "max-retries"?: number | undefined;
}

/** Of a verb that makes a request or two: 30 s unless said otherwise. */
export const limitsOf = (clock: Clock, { timeout = 30, "max-retries": maxRetries }: GivenLimits): Limits => ({
  deadline: clock.now() + timeout * 1000,
  ...(maxRetries === undefined ? {} : { maxRetries }),
});

/** Of a verb that reads a list to its end, however long: each page has the time of one command, all of them only what the user says. */
export const pagedLimitsOf = (clock: Clock, given: GivenLimits): Limits =>
  given.timeout === undefined ? present({ maxRetries: given["max-retries"] }) : limitsOf(clock, given);
