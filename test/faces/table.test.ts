import { describe, expect, it } from "vitest";
import { table } from "../../src/faces/cli/table.ts";

describe("a table", () => {
  it("has the rows of the first list that has any", () => {
    expect(table({ folders: [], items: [{ name: "/a", tags: ["x"] }, { name: "/bc" }], next_page: undefined })).toBe(
      'NAME  TAGS\n/a    ["x"]\n/bc\n',
    );
  });

  it("of an empty list is empty", () => {
    expect(table({ folders: [], items: [], next_page: "" })).toBe("");
  });

  it("of something with empty lists has a line for each field", () => {
    expect(table({ name: "/t", tags: [], custom: [] })).toBe("name    /t\ntags    []\ncustom  []\n");
  });

  it("of one thing has a line for each field, whatever lists it has", () => {
    expect(table({ name: "/t", custom: [{ name: "owner" }] }, true)).toBe('name    /t\ncustom  [{"name":"owner"}]\n');
  });
});
