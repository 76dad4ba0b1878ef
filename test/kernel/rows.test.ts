import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { plainRow } from "../../src/kernel/rows.ts";

const row = z.object({
  name: z.string(),
  on: z.boolean(),
  created: z.optional(z.string()),
  tags: z.record(z.string(), z.string()),
});
const plain = { name: "a", on: true, tags: { k: "v" } };

describe("a row that is plainly what its schema declares", () => {
  test.each([plain, { ...plain, created: "2027-01-01T00:00:00Z" }, { ...plain, created: undefined }])(
    "%j is, and Zod changes nothing of it",
    (given) => {
      expect(plainRow(row)(given)).toBe(true);
      expect(row.parse(given)).toEqual(given);
    },
  );

  test.each([
    ["a key more", { ...plain, secret: "s" }],
    ["a key less", { name: "a", tags: {} }],
    ["another type", { ...plain, on: "true" }],
    ["an inner type", { ...plain, tags: { k: 1 } }],
    ["an inherited key", Object.create(plain)],
    ["a list", [plain]],
    ["null", null],
  ])("%s is left to Zod", (_, given) => {
    expect(plainRow(row)(given)).toBe(false);
  });

  test.each([
    ["a length", z.string().check(z.minLength(1)), ""],
    ["a format", z.guid(), "x"],
    ["a time", z.iso.datetime(), "x"],
    ["a number", z.int(), 1],
    ["a choice", z.enum(["x"]), "x"],
    ["a key's format", z.record(z.guid(), z.string()), { x: "y" }],
  ])("%s is left to Zod", (_, schema, value) => {
    expect(plainRow(z.object({ field: schema }))({ field: value })).toBe(false);
  });
});
