import { expect, it } from "vitest";
import { sqliteIsSafe } from "../../../src/adapters/state/sqlite-version.ts";

it.each([
  ["3.7.0", false],
  ["3.44.5", false],
  ["3.51.2", false],
  ["3.51.3", true],
  ["3.52.0", true],
  ["4.0.0", true],
  ["", false],
  ["x", false],
])("S14 SQLite %s is safe: %s", (version, safe) => {
  expect(sqliteIsSafe(version)).toBe(safe);
});
