import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import * as z from "zod/mini";
import { describe as manifest } from "../../src/describe.ts";
import { shapeOf } from "../../src/kernel/shape-of.ts";
import { plainly, type Shape } from "../../src/kernel/shape.ts";
import { recordShapes } from "../../src/record-shapes.ts";

const schema = z.object({
  name: z.string(),
  word: z.string().check(z.minLength(1)),
  on: z.boolean(),
  size: z.number(),
  id: z.int(),
  kind: z.enum(["a", "b"]),
  created: z.optional(z.string()),
  tags: z.record(z.string(), z.string()),
  rows: z.array(z.object({ part: z.string(), on: z.optional(z.boolean()) })),
});
const plain = { name: "", word: "w", on: true, size: 1.5, id: 1, kind: "a", tags: { k: "v" }, rows: [{ part: "p" }] };
const isPlain = plainly(shapeOf(schema));

describe("what is plainly as its schema declares", () => {
  test.each([plain, { ...plain, created: "2027-01-01T00:00:00Z" }, { ...plain, created: undefined }, { ...plain, rows: [] }])(
    "%j is, and Zod changes nothing of it",
    (given) => {
      expect(isPlain(given)).toBe(true);
      expect(schema.parse(given)).toEqual(given);
    },
  );

  test.each([
    ["a key more", { ...plain, secret: "s" }],
    ["a key more, deep inside", { ...plain, rows: [{ part: "p", secret: "s" }] }],
    ["a key that Zod drops", { ...plain, tags: JSON.parse('{"__proto__":"v"}') }],
    ["a key less", { ...plain, name: undefined }],
    ["another type", { ...plain, on: "true" }],
    ["an inner type", { ...plain, tags: { k: 1 } }],
    ["an empty word", { ...plain, word: "" }],
    ["another choice", { ...plain, kind: "c" }],
    ["a part of a number", { ...plain, id: 1.5 }],
    ["no number", { ...plain, size: Number.NaN }],
    ["an inherited key", Object.create(plain)],
    ["a list", [plain]],
    ["null", null],
  ])("%s is left to Zod", (_, given) => {
    expect(isPlain(given)).toBe(false);
  });

  test.each([
    ["a greater length", z.string().check(z.minLength(2)), "x"],
    ["a format", z.guid(), "x"],
    ["a time", z.iso.datetime(), "x"],
    ["a bound", z.number().check(z.minimum(3)), 1],
    ["a small number", z.int32(), 1],
    ["a key's format", z.record(z.guid(), z.string()), { x: "y" }],
    ["a checked list", z.array(z.string()).check(z.minLength(2)), ["x"]],
    ["a strict object", z.strictObject({}), {}],
    ["a loose object", z.looseObject({}), { x: 1 }],
    ["null", z.nullable(z.string()), "x"],
  ])("%s is left to Zod", (_, field, value) => {
    expect(plainly(shapeOf(z.object({ field })))({ field: value })).toBe(false);
  });

  it("is never what Zod would refuse or change", () => {
    const members = fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.double(),
      fc.integer(),
      fc.constant(undefined),
      fc.dictionary(fc.string(), fc.string()),
    );
    const near = fc
      .tuple(fc.constantFrom(...Object.keys(plain), "other", "created"), fc.oneof(members, fc.array(fc.object())))
      .map(([name, member]) => ({ ...plain, [name]: member }));
    let passed = 0;
    fc.assert(
      fc.property(near, (given) => {
        if (!isPlain(given)) return;
        passed += 1;
        expect(schema.parse(given)).toStrictEqual(given);
      }),
      { numRuns: 3000 },
    );
    expect(passed).toBeGreaterThan(50);
  });
});

const unsure = (shape: Shape, at = ""): string[] => {
  if (shape === "unknown") return [at];
  if (typeof shape === "string" || "choice" in shape) return [];
  if ("fields" in shape) return Object.entries(shape.fields).flatMap(([name, field]) => unsure(field, `${at}.${name}`));
  return unsure("optional" in shape ? shape.optional : "list" in shape ? shape.list : shape.map, at);
};

it("a warm read has nothing that only Zod can tell: neither its records, nor its input, nor its answer", async () => {
  const reads = (await manifest()).filter(({ name }) => name === "get" || name === "list");
  expect(reads).toHaveLength(2);
  const shapes = [...Object.values(recordShapes), ...reads.flatMap(({ input, output }) => [input, output])];
  expect(shapes.flatMap((shape) => unsure(shape))).toEqual([]);
});
