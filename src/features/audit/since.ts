import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { durationMs } from "../../kernel/duration.ts";
import { UscError } from "../../kernel/errors.ts";

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/u;

/** A time, or so long ago, as the audit spells times. */
export function sinceOf(text: string, clock: Clock): string {
  const ago = durationMs(text);
  const time = ago === undefined ? timeOf(text) : clock.now() - ago;
  if (Number.isFinite(time)) return rfc3339(time);
  throw new UscError("usage", "--since is not valid: expected a time such as 2027-01-31T00:00:00Z, or a duration such as 24h.");
}

/** Epoch milliseconds; NaN if it is no time. */
export function timeOf(text: string): number {
  return instant.test(text) ? Date.parse(text) : Number.NaN;
}
