import { credible } from "../../kernel/clock.ts";
import type { Duty } from "../../kernel/duty.ts";
import type { Stored } from "../../kernel/store.ts";
import { longestRestMs } from "./back-off.ts";
import type { Desk } from "./deps.ts";
import { type DutyState, dutyStates } from "./model.ts";

/** Where a duty stands now. */
export interface Standing {
  /** What is written down of it, if it ever ran. */
  found: Stored<DutyState> | undefined;
  /** The process that runs it. */
  holder: string | undefined;
  /** When it should run next, epoch milliseconds; undefined while it is run, or has nothing to do. */
  due: number | undefined;
}

export async function standing(desk: Pick<Desk, "store" | "clock" | "leaseMs">, duty: Duty): Promise<Standing> {
  const found = await stateOf(desk, duty.name);
  const now = desk.clock.now();
  if (found !== undefined && isHeld(found.value, now, desk.leaseMs)) return { found, holder: found.value.holder, due: undefined };
  return { found, holder: undefined, due: await dueAt(duty, found?.value, now) };
}

/** The record of a duty, if it ever ran. */
export const stateOf = ({ store }: Pick<Desk, "store">, name: string): Promise<Stored<DutyState> | undefined> =>
  store.collection(dutyStates).get(name);

/** A lease that no clock but a wrong one has written holds nobody off, and fencing keeps its holder from harm. */
const isHeld = ({ until }: DutyState, now: number, leaseMs: number): boolean => credible(until, now, leaseMs) > now;

/** What the duty says itself, but not before the end of its back-off. */
async function dueAt(duty: Duty, state: DutyState | undefined, now: number): Promise<number | undefined> {
  const { succeeded = 0, rest = 0 } = state ?? {};
  // What lies ahead was written by a clock that ran ahead: when it was is not known.
  const due = await duty.due(now, succeeded > now || succeeded === 0 ? undefined : succeeded);
  return due === undefined ? undefined : Math.max(due, credible(rest, now, longestRestMs));
}
