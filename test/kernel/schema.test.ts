import * as z from "zod/mini";
import { describe, expect, it } from "vitest";
import { choice, count, description, fieldsOf, flag, guid, instant, list, optionalText, pairs, text } from "../../src/kernel/fields.ts";
import { parseInput } from "../../src/kernel/schema.ts";
import { shapeOf } from "../../src/kernel/shape-of.ts";

const schema = z.object({
  name: text("Name"),
  value: text("Value", { secret: true, emptyIsValue: true }),
  note: optionalText("Note", { aliases: ["comment"] }),
  about: description("About", { aliases: ["metadata"] }),
  "delete-protection": flag("Protect"),
  size: count("Size", [1, 25]),
  tag: list("Tag"),
  tags: pairs("Tags"),
  "usc-tags": pairs("Tags for all", { commas: true }),
  kind: choice("Kind", ["a", "b"]),
  until: instant("Until"),
});
const declared = (input: z.ZodMiniObject) => ({ fields: fieldsOf(input), input: shapeOf(input) });
const parse = (raw: Record<string, unknown>) => parseInput(() => schema, declared(schema), { name: "n", value: "v", ...raw });

describe("an input", () => {
  it("takes booleans and numbers as text, and one item for a list", () => {
    expect(parse({ "delete-protection": "true", size: "5", tag: "x" })).toMatchObject({ "delete-protection": true, size: 5, tag: ["x"] });
  });

  it("takes several pairs in one text where Akeyless does, and nowhere else", () => {
    expect(parse({ "usc-tags": ["a=1,b=2,c", "d=x=y"], tags: "a=1,b=2" })).toMatchObject({
      "usc-tags": { a: "1", b: "2,c", d: "x=y" },
      tags: { a: "1,b=2" },
    });
  });

  it("takes snake case and old names", () => {
    expect(parse({ delete_protection: false, comment: "hi" })).toMatchObject({ "delete-protection": false, note: "hi" });
  });

  it("reads an empty text as absent, except where empty is a value", () => {
    expect(parse({ note: "", value: "", until: "" })).toEqual({ name: "n", value: "" });
  });

  it("hears an old name beside a newer one that says nothing", () => {
    expect(parse({ note: "", comment: "hi", about: "default_metadata", metadata: "x" })).toMatchObject({ note: "hi", about: "x" });
    expect(parse({ about: "x", metadata: "default_metadata" })).toMatchObject({ about: "x" });
    expect(parse({ about: "x", metadata: "y" })).toMatchObject({ about: "x" });
    expect(parse({ about: "default_metadata", metadata: "default_comment" })).toEqual({ name: "n", value: "v" });
  });

  it("reads key=value once, many times, and as an object", () => {
    expect(parse({ tags: "a=b=c" })["tags"]).toEqual({ a: "b=c" });
    expect(parse({ tags: ["a=1", "b="] })["tags"]).toEqual({ a: "1", b: "" });
    expect(parse({ tags: { a: "1" } })["tags"]).toEqual({ a: "1" });
  });

  const canary = "canary-8c1f";
  const bad: [string, Record<string, unknown>, string][] = [
    ["a missing name", { name: undefined }, "--name is missing."],
    ["an empty name", { name: "" }, "--name is missing."],
    ["a value of the wrong type", { value: { canary } }, "--value is not valid: expected a string."],
    ["a boolean that is none", { "delete-protection": canary }, "--delete-protection is not valid: expected true or false."],
    ["a size out of range", { size: 26 }, "--size is not valid: expected 25 or less."],
    ["a tag without a key", { tags: canary }, "--tags is not valid: expected key=value."],
    ["a kind that is none", { kind: canary }, "--kind is not valid: expected one of a, b."],
    ["a date that is none", { until: canary }, "--until is not valid: expected a time such as 2027-01-31T00:00:00Z."],
  ];
  it.each(bad)("C4 %s is a usage sentence without the value", (_, raw, sentence) => {
    expect(() => parse(raw)).toThrow(expect.objectContaining({ code: "usage", message: expect.not.stringContaining(canary) }));
    if (raw["name"] !== "") expect(() => parse(raw)).toThrow(sentence);
  });

  it("refuses a GUID that is none", () => {
    const one = z.object({ id: guid("Id") });
    expect(() => parseInput(() => one, declared(one), { id: "x" })).toThrow("--id is not valid: expected a GUID.");
  });
});
