import { describe, expect, it } from "vitest";
import { requireSafeSqlite, sqliteIsSafe } from "../../../src/adapters/state/sqlite-version.ts";

describe("S14 the version of SQLite", () => {
  it.each([
    ["3.51.3", true],
    ["3.51.4", true],
    ["3.52.0", true],
    ["3.53.4", true],
    ["4.0.0", true],
    ["3.7.0", false],
    ["3.44.5", false],
    ["3.51.2", false],
    ["3.51.0", false],
    ["3.50.99", false],
    ["3.9.9", false],
    ["2.99.99", false],
    ["", false],
    ["3.51", false],
    ["newest", false],
  ])("%s is safe: %s", (version, safe) => {
    expect(sqliteIsSafe(version)).toBe(safe);
  });

  it("is refused in one sentence with both versions", () => {
    expect(() => requireSafeSqlite("3.51.2")).toThrow("This Node brings SQLite 3.51.2; usc needs 3.51.3 or newer.");
    expect(() => requireSafeSqlite(undefined)).toThrow("unknown version");
    expect(() => requireSafeSqlite(process.versions["sqlite"])).not.toThrow();
  });
});
