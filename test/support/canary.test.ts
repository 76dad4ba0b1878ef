import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { canaries, formsOf } from "./canary.ts";

it("the canary scan finds a value in each of its forms, and nothing where nothing is", () => {
  const dir = mkdtempSync(join(tmpdir(), "usc-canary-"));
  const value = "canary/value+1234 ~";
  expect(canaries(value, { dir, texts: { said: "no such thing" } })).toEqual([]);
  for (const form of formsOf(value)) {
    writeFileSync(join(dir, "file"), Buffer.concat([Buffer.from("xx"), form, Buffer.from("yy")]));
    expect(canaries(value, { dir, texts: {} })).toEqual(["file"]);
  }
  for (const offset of ["", "a", "ab"])
    expect(
      canaries(value, { dir: mkdtempSync(join(dir, "d")), texts: { said: Buffer.from(`${offset}${value}z`).toString("base64") } }),
    ).toEqual(["said"]);
  rmSync(dir, { recursive: true });
});
