import { once } from "node:events";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { cli } from "../support/cli.ts";
import { program, start } from "../support/program.ts";

const { usc, home, folder, clean } = cli();
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

it("usc demo --help says what it does", async () => {
  const ran = await usc(["demo", "--help"]);
  expect([ran.exit, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toContain("leaves nothing");
});

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("usc demo that is ended by %s leaves nothing either", async (signal, exit) => {
  const own = mkdtempSync(join(folder, "tmp-"));
  const { child, ended } = start({ folder, home }, [...program, "demo"], { env: { TMPDIR: own } });
  if (child.stdout !== null) await once(child.stdout, "data");
  child.kill(signal);
  expect((await ended).exit).toBe(exit);
  expect(readdirSync(own)).toEqual([]);
});
