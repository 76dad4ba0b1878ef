import { UscError } from "../../kernel/errors.ts";

const oldest = [3, 51, 3] as const;

/** From 3.7.0 up to this version, two connections in WAL mode could lose a commit. */
export function sqliteIsSafe(version: string): boolean {
  if (!/^\d+\.\d+\.\d+/u.test(version)) return false;
  const parts = version.split(".").map((part) => Number.parseInt(part, 10));
  for (const [index, least] of oldest.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

export function requireSafeSqlite(version: string | undefined): void {
  if (version !== undefined && sqliteIsSafe(version)) return;
  throw new UscError("usage", `This Node brings SQLite ${version ?? "of an unknown version"}; usc needs ${oldest.join(".")} or newer.`, {
    hint: "Run usc with Node 24.15 or newer.",
  });
}
