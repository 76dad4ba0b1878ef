import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, expect, it } from "vitest";
import { cli } from "../support/cli.ts";

const { usc, home, clean } = cli();
afterAll(clean);

it("usc demo shows the whole job, says what to type next, and leaves nothing", async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith("usc-demo"));
  const ran = await usc(["demo"]);
  expect(ran.stderr).toBe("");
  expect(ran.exit).toBe(0);
  for (const command of ["target create azure", "create-usc", "list", "create", "get", "update", "delete"])
    expect(ran.stdout).toContain(`$ usc ${command} `);
  expect(ran.stdout).toContain("correct horse\n");
  expect(ran.stdout).toContain("--force-delete");
  expect(ran.stdout).toContain("usc emulator start");
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith("usc-demo"))).toEqual(before);
  expect(() => readdirSync(home)).toThrow();
});
