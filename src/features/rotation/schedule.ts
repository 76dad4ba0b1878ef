import { credible } from "../../kernel/clock.ts";
import type { RotatedSecret } from "./model.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

type Scheduled = Pick<RotatedSecret, "auto-rotate" | "rotation-interval" | "rotation-hour" | "rotated-at" | "created-at">;
type Graced = Scheduled & Pick<RotatedSecret, "grace" | "spare">;

/** At the hour, so many days after the day of a time; all of it UTC, whose days are all alike. */
const daysAfter = (time: number, days: number, hour: number): number => Math.floor(time / dayMs) * dayMs + days * dayMs + hour * hourMs;

const lastOf = (item: Scheduled): number => Date.parse(item["rotated-at"] ?? item["created-at"]);

/**
 * When it is rotated next, epoch milliseconds: so many days after the day of the last rotation, at the hour.
 * However long nobody rotated, there is one next time.
 */
export function nextRotation(item: Scheduled): number | undefined {
  const { "auto-rotate": auto, "rotation-interval": days, "rotation-hour": hour } = item;
  return auto && days !== undefined ? daysAfter(lastOf(item), days, hour) : undefined;
}

/** `make`: the next credential, ahead of its date. `retire`: what stands beside the current one. */
export interface Step {
  does: "rotate" | "make" | "retire";
  /** Epoch milliseconds. */
  at: number;
}

/** What falls due first, if anything. */
export function nextStep(item: Graced): Step | undefined {
  const rotation = nextRotation(item);
  const steps: Step[] = [];
  const retirement = retirementOf(item);
  if (retirement !== undefined) steps.push({ does: "retire", at: retirement });
  if (rotation !== undefined) {
    if (item.grace?.timing === "before" && item.spare !== "next") steps.push({ does: "make", at: inGrace(item, rotation, -1) });
    steps.push({ does: "rotate", at: rotation });
  }
  // Of two at once the first in this list.
  return steps.toSorted((one, another) => one.at - another.at)[0];
}

/** When the spare one goes, unless a rotation is earlier: at once where the grace that it stands for has ended. */
function retirementOf(item: Graced): number | undefined {
  const { spare, grace } = item;
  if (spare === "old") return grace?.timing === "after" ? inGrace(item, lastOf(item), 1) : 0;
  return spare === "next" && grace?.timing !== "before" ? 0 : undefined;
}

function inGrace({ grace, "rotation-hour": hour, "rotation-interval": between = 0 }: Graced, time: number, direction: 1 | -1): number {
  return daysAfter(time, direction * (grace?.interval ?? between), grace?.hour ?? hour);
}

/** By when it was rotated. A clock that is put back a little brings no day back that was served; what lies further ahead a wrong clock has written. */
export function rotatedAt(now: number, began: number, last: number | undefined): number {
  return Math.max(now, began, last !== undefined && last - now <= 2 * clockToleranceMs ? last : 0);
}

/** So far two clocks may be apart. */
export const clockToleranceMs = 300_000;

type Told = Scheduled & Pick<RotatedSecret, "rotation-event-in" | "told">;

/** The days ahead of the next rotation that are to be told of, and when. */
export function notices(item: Told): { days: number; at: number }[] {
  const next = nextRotation(item);
  if (next === undefined) return [];
  return item["rotation-event-in"].filter((days) => !item.told.includes(days)).map((days) => ({ days, at: next - days * dayMs }));
}

const firstRestMs = 60_000;
const longestRestMs = 6 * hourMs;

/** How long the schedule leaves an item alone after so many failures in a row, or as long as Azure asks for. */
export const restAfter = (failures: number, askedMs: number): number =>
  Math.min(longestRestMs, Math.max(askedMs, firstRestMs * 2 ** Math.min(failures - 1, 20)));

/** The end of its rest. */
export const restOf = ({ rest = 0 }: { rest?: number | undefined }, now: number): number => credible(rest, now, longestRestMs);
