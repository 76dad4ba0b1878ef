import { UscError } from "../../kernel/errors.ts";

const oldest = "3.51.3";

/** From 3.7.0 up to this version, two connections in WAL mode could lose a commit. */
export function sqliteIsSafe(version: string): boolean {
  return rank(version) >= rank(oldest);
}

// NaN, and so never safe, if a part is missing or no number.
function rank(version: string): number {
  const [major = Number.NaN, minor = Number.NaN, patch = Number.NaN] = version.split(".").map(Number);
  return major * 1e6 + minor * 1e3 + patch;
}

export function requireSafeSqlite(version: string | undefined): void {
  if (version !== undefined && sqliteIsSafe(version)) return;
  throw new UscError("usage", `This Node brings SQLite ${version ?? "of an unknown version"}; usc needs ${oldest} or newer.`, {
    hint: "Run usc with Node 24.15 or newer.",
  });
}
