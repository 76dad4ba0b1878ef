import { describe, expect, it } from "vitest";
import { readOptions } from "../../../src/faces/cli/options.ts";

const written = ["-n, --name <TEXT>", "-b, --binary [BOOL]", "-h, --help", "--no-input", "--max <N>"];

/** What each flag was given, and the words that are left. */
function read(...argv: string[]) {
  const given: [string, string | true][] = [];
  const options = written.map((flags) => ({
    flags,
    take: (value: string | true) => void given.push([/--([\w-]+)/u.exec(flags)?.[1] ?? "", value]),
  }));
  return { words: readOptions(options, argv, (word) => new Error(`unknown: ${word}`)), given };
}

describe("the flags of a line", () => {
  it.each<[string[], [string, string | true][]]>([
    [["--name", "x"], [["name", "x"]]],
    [["--name=x=y"], [["name", "x=y"]]],
    [["--name="], [["name", ""]]],
    [["--name", ""], [["name", ""]]],
    [["--name", "-x"], [["name", "-x"]]],
    [["--name", "--"], [["name", "--"]]],
    [["-n", "x"], [["name", "x"]]],
    [["-nx"], [["name", "x"]]],
    [["--name", "-"], [["name", "-"]]],
    [
      ["--name", "x", "--name", "y"],
      [
        ["name", "x"],
        ["name", "y"],
      ],
    ],
    [["--binary"], [["binary", true]]],
    [["--binary", "false"], [["binary", "false"]]],
    [["--binary=false"], [["binary", "false"]]],
    [
      ["--binary", "--name", "x"],
      [
        ["binary", true],
        ["name", "x"],
      ],
    ],
    [["-bfalse"], [["binary", "false"]]],
    [
      ["-hb"],
      [
        ["help", true],
        ["binary", true],
      ],
    ],
    [
      ["-hnx"],
      [
        ["help", true],
        ["name", "x"],
      ],
    ],
    [["--no-input"], [["no-input", true]]],
    [["--max", "-1"], [["max", "-1"]]],
  ])("%j", (argv, given) => {
    expect(read(...argv)).toEqual({ words: [], given });
  });

  it("leaves the words that belong to none, also a dash alone and all behind two", () => {
    expect(read("a", "--help", "-", "--", "--name", "-n").words).toEqual(["a", "-", "--name", "-n"]);
  });

  it.each(["--nope", "--nam", "-x", "-hx", "--help=1", "--Name"])("%s is none of them", (word) => {
    expect(() => read(word)).toThrow(/^unknown: -/u);
  });

  it.each([["--name"], ["-n"], ["-hn"]])("%s without its value is usage", (word) => {
    expect(() => read("--help", word)).toThrow(expect.objectContaining({ code: "usage", message: "--name needs a value." }));
  });
});
