import { describe, expect, it } from "vitest";
import { itemPath, pathFold } from "../../src/kernel/paths.ts";

describe("an item's path", () => {
  it.each(["prod/kv", "/prod/kv"])("%s has one normal form with a leading slash", (name) => {
    expect(itemPath(name, "item")).toBe("/prod/kv");
  });

  it("is composed Unicode, however it was typed", () => {
    expect(itemPath("/cafe\u0301", "item")).toBe("/caf\u00e9");
  });

  const hostile = [
    "",
    "/",
    "//",
    "/a//b",
    "/a/",
    "/a/../b",
    "/./a",
    "..",
    "a\\b",
    "a\u0000b",
    "a\nb",
    "a\u001b[31mb",
    "a\u202eb",
    "a\u061cb",
    "a\u200bb",
    "\ufeffa",
    " a",
    "a ",
    "/a/ b",
    "\ud800",
    "x".repeat(600),
  ];
  it.each(hostile.map((name) => [JSON.stringify(name).slice(0, 30), name]))("C13 %s is refused as usage", (_, name) => {
    expect(() => itemPath(name, "item")).toThrow(expect.objectContaining({ code: "usage" }));
  });

  it("C13 has one fold for twins that look alike", () => {
    expect(pathFold("/Prod/KV")).toBe(pathFold("/prod/kv"));
    expect(pathFold("/\uff50rod")).toBe(pathFold("/prod"));
  });
});
