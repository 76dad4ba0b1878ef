import { dayMs, hourMs } from "../../kernel/duration.ts";
import type { Delivery, Lane } from "./lanes.ts";

const firstMs = 5000;
const factor = 3;
const longestMs = 4 * hourMs;
const longestRestMs = 300_000;
const longestWishMs = hourMs;

/** A delivery is given up by the first failure after so long. */
export const patienceMs = dayMs;

/** How long a delivery waits after so many failures: 5 s, 15 s, 45 s, ... up to 4 h; with up to a fifth more or less, so that many do not come at once. */
export const waitMs = (failures: number): number => jittered(Math.min(firstMs * factor ** (failures - 1), longestMs));

/** How long a whole lane waits for its receiver: shorter, so that a receiver that is back soon hears soon; longer only if it asks for it. */
export const restMs = (failures: number, wishMs = 0): number =>
  Math.max(jittered(Math.min(firstMs * factor ** (failures - 1), longestRestMs)), Math.min(wishMs, longestWishMs));

/** No delivery waits longer, and no lane rests longer: what does was written by a clock that ran ahead, and is due now. */
const farMs = 26 * hourMs;

export const dueAt = ({ due }: Delivery, now: number): number => (due > now + farMs ? now : due);
export const restsUntil = ({ until }: Lane, now: number): number => (until > now + 2 * longestWishMs ? now : until);

function jittered(ms: number): number {
  const [draw = 0] = crypto.getRandomValues(new Uint32Array(1));
  return Math.round(ms * (0.8 + (0.4 * draw) / 2 ** 32));
}
