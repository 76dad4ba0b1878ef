import type { Duty } from "../../kernel/duty.ts";
import { longestRestMs } from "./back-off.ts";
import type { DutyState } from "./model.ts";

/** When a duty should run next, epoch milliseconds: what it says itself, but not before the end of its back-off. Undefined: it has nothing to do. */
export async function dueAt(duty: Duty, state: DutyState | undefined, now: number): Promise<number | undefined> {
  const { succeeded = 0, rest = 0 } = state ?? {};
  // What lies ahead was written by a clock that ran ahead: when it was is not known.
  const due = await duty.due(now, succeeded > now || succeeded === 0 ? undefined : succeeded);
  return due === undefined ? undefined : Math.max(due, rest > now + longestRestMs ? 0 : rest);
}
