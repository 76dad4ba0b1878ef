import { describe, expect, it } from "vitest";
import { parseLine } from "../../src/faces/cli/line.ts";
import type { Command } from "../../src/kernel/manifest.ts";

const field = (name: string, kind: "text" | "flag", short: string) => ({ name, kind, short, summary: "", required: false });
const command: Command = {
  name: "create",
  room: "objects",
  route: "create",
  aliases: [],
  summary: "",
  example: "",
  effect: "write",
  fields: [field("value", "text", "v"), field("secret-name", "text", "s"), field("binary-value", "flag", "b")],
  input: "unknown",
  output: "unknown",
};
const parsed = (...argv: string[]) => parseLine(command, argv);

describe("a flag's value", () => {
  it.each([
    [["-b"], { "binary-value": true }],
    [["-b", "false"], { "binary-value": "false" }],
    [["-b=false"], { "binary-value": "false" }],
    [["-bfalse"], { "binary-value": "false" }],
    [["--binary-value=false"], { "binary-value": "false" }],
    [["-s=a", "-v=x"], { "secret-name": "a", value: "x" }],
    [["-v="], { value: "" }],
    [["-v=-5"], { value: "-5" }],
    [["-v==x"], { value: "=x" }],
    [["-v", "=x"], { value: "=x" }],
    [["-v", "-b=true"], { value: "-b=true" }],
    [["--value", "-s=a", "-s=b"], { value: "-s=a", "secret-name": "b" }],
    [["--value=-s=a"], { value: "-s=a" }],
  ])("%j", (argv, fields) => {
    expect(parsed(...argv).fields).toEqual(fields);
  });

  it("is a global one's as well", () => {
    expect(parsed("-o=yaml").globals).toEqual({ output: "yaml" });
  });
});
