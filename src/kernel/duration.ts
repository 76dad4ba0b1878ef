const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a text such as `90m`, `24h` or `7d`; undefined if it is none. */
export function durationMs(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,6})([smhd])$/u.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (unitMs[unit] ?? 0);
}
