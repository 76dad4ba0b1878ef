import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout } from "../support/cli.ts";

const read = (file: string): unknown => JSON.parse(readFileSync(join(checkout, file), "utf8"));

describe("P1 the package", () => {
  it("holds the program, its licence and what to read first, and nothing else", () => {
    const told = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: checkout, encoding: "utf8" });
    const [packed] = JSON.parse(told) as { files: { path: string }[] }[];
    const files = packed?.files.map(({ path }) => path) ?? [];
    const program = files.filter((path) => /^(?:bin|dist)\//u.test(path));
    expect(program).toContain("bin/usc.js");
    expect(program.some((path) => path.startsWith("dist/main-"))).toBe(true);
    expect(files.filter((path) => !program.includes(path)).toSorted()).toEqual(["LICENSE", "README.md", "package.json"]);
  });

  it("runs nothing where it is installed, and brings nothing with it", () => {
    const { scripts, dependencies = {} } = read("package.json") as { scripts: object; dependencies?: object };
    expect(Object.keys(scripts).filter((name) => /install/u.test(name))).toEqual([]);
    expect(dependencies).toEqual({});
  });

  it("is built from what the lockfile knows by its digest", () => {
    const { packages } = read("package-lock.json") as { packages: Record<string, { link?: true; integrity?: string }> };
    const open = Object.entries(packages).filter(
      ([path, { link, integrity }]) => path.includes("node_modules/") && !link && !integrity?.startsWith("sha512-"),
    );
    expect(open).toEqual([]);
  });
});
