import type { RotatedSecret } from "./model.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

type Scheduled = Pick<RotatedSecret, "auto-rotate" | "rotation-interval" | "rotation-hour" | "rotated-at" | "created-at">;

/**
 * When it is rotated next, epoch milliseconds: so many days after the day of the last rotation, at the hour; all of it UTC, whose days are all alike.
 * However long nobody rotated, there is one next time.
 */
export function nextRotation(item: Scheduled): number | undefined {
  const { "auto-rotate": auto, "rotation-interval": days, "rotation-hour": hour } = item;
  if (!auto || days === undefined) return undefined;
  const last = Date.parse(item["rotated-at"] ?? item["created-at"]);
  return Math.floor(last / dayMs) * dayMs + days * dayMs + hour * hourMs;
}

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
  Math.max(askedMs, Math.min(firstRestMs * 2 ** Math.min(failures - 1, 20), longestRestMs));
