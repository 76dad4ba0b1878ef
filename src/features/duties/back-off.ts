import { hourMs } from "../../kernel/duration.ts";

const firstMs = 30_000;
const longestMs = hourMs;

/**
 * Milliseconds: twice as long with every failure, and no shorter than the service asked for, up to an hour; a tenth more or less, so that two
 * processes do not come back together.
 */
export const restAfter = (failures: number, askedMs: number, random: () => number): number =>
  Math.min(Math.max(askedMs, firstMs * 2 ** Math.min(failures - 1, 20)), longestMs) * (0.9 + 0.2 * random());

/** No rest lasts longer than that; one that does was written by a clock that ran ahead. */
export const longestRestMs = longestMs * 1.1;
