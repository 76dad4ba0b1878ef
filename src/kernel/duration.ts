import { UscError } from "./errors.ts";

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: hourMs, d: dayMs };

/** Milliseconds of a text such as `90m`, `24h` or `7d`; undefined if it is none. */
export function durationMs(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,6})([smhd])$/u.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (unitMs[unit] ?? 0);
}

/** The same of what a flag was given; `usage`, which names the flag, if it is none. */
export function durationOf(text: string, flag: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new UscError("usage", `--${flag} is not valid: expected a duration such as 90m, 24h or 30d.`);
  return ms;
}
