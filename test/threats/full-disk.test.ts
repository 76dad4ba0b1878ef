import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";
import { program, start } from "../support/program.ts";

const lab = await localAzure();
const tiny = join(lab.folder, "tiny");
mkdirSync(tiny);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", tiny]).status === 0;
afterAll(async () => {
  if (mounted) spawnSync("umount", ["-l", tiny]);
  await lab.stop();
});

const value = "canary-value ".repeat(1500);
const kv = ["--usc-name", "kv"];
for (let index = 0; index < 100; index += 1) {
  const tags = Object.fromEntries(Array.from({ length: 15 }, (_, tag) => [`t${tag}`, "x".repeat(256)]));
  await lab.control(`/secrets/${lab.vault.name}/s-${index}`, "PUT", { value, tags });
}
const get = ["get", ...kv, "-s", "s-0"];

/** Leaves room for so many bytes in the tiny file system. */
function fill(room: number): void {
  const descriptor = openSync(join(tiny, "ballast"), "w");
  try {
    for (;;) writeSync(descriptor, Buffer.alloc(4096));
  } catch {
    closeSync(descriptor);
  }
  const size = readFileSync(join(tiny, "ballast")).length;
  writeFileSync(join(tiny, "ballast"), Buffer.alloc(size - room));
}

const full = {
  error: expect.stringMatching(/^--out-file was not written: the disk is full\.$/u),
  code: "unavailable",
  hint: expect.any(String),
};

describe.runIf(mounted)("C8 --out-file on a full disk (needs the right to mount)", () => {
  it.each([0, 8192])("with room for %i of 19,500 bytes leaves nothing, not even half of it", async (room) => {
    fill(room);
    const { exit, failure, stdout } = await lab.usc([...get, "--out-file", join(tiny, "out")]);
    expect({ exit, failure, stdout }).toEqual({ exit: 7, failure: full, stdout: "" });
    expect(readdirSync(tiny)).toEqual(["ballast"]);
  });

  it("leaves the file that it was to replace, and replaces it when there is room", async () => {
    rmSync(join(tiny, "ballast"));
    writeFileSync(join(tiny, "out"), "old");
    fill(4096);
    const force = [...get, "--out-file", join(tiny, "out"), "--force"];
    const { exit, failure } = await lab.usc(force);
    expect({ exit, failure }).toEqual({ exit: 7, failure: full });
    expect(readFileSync(join(tiny, "out"), "utf8")).toBe("old");
    expect(readdirSync(tiny)).toEqual(["ballast", "out"]);
    rmSync(join(tiny, "ballast"));
    expect((await lab.usc(force)).exit).toBe(0);
    expect(readFileSync(join(tiny, "out"), "utf8")).toBe(value);
  });
});

const answers: [string, string[]][] = [
  ["a value", [...get, "-o", "raw"]],
  ["an answer", get],
  ["a table", ["list", ...kv, "-o", "table"]],
  ["rows", ["list", ...kv, "-o", "ndjson"]],
  ["help", ["get", "--help"]],
  ["the overview", ["--help"]],
  ["the version", ["--version"]],
];

describe.runIf(process.platform === "linux")("standard output on a full disk (needs Linux's /dev/full)", () => {
  it.each(answers.filter(([name]) => name !== "the version"))("%s that cannot be written is unavailable", async (_, argv) => {
    const { exit, stderr } = await start(lab, ["sh", "-c", 'exec "$@" > /dev/full', "sh", ...program, ...argv]).ended;
    expect(JSON.parse(stderr)).toMatchObject({ error: "The answer could not be written: the disk is full.", code: "unavailable" });
    expect(exit).toBe(7);
  });

  it("the version that cannot be written is unavailable", async () => {
    const ran = await start(lab, ["sh", "-c", 'exec "$@" > /dev/full', "sh", ...program, "--version"]).ended;
    expect(ran).toEqual({ exit: 7, stdout: "", stderr: "usc: The answer could not be written (ENOSPC).\n" });
  });

  it("a failure that cannot be told keeps its exit code", async () => {
    const { exit } = await start(lab, ["sh", "-c", 'exec "$@" 2> /dev/full', "sh", ...program, "target", "get", "--name", "none"]).ended;
    expect(exit).toBe(3);
  });
});

describe("C12 a reader that leaves", () => {
  it.each(answers)("before %s has come ends the command quietly", async (_, argv) => {
    const { child, ended } = start(lab, [...program, ...argv]);
    child.stdout?.destroy();
    expect(await ended).toEqual({ exit: 0, stdout: "", stderr: "" });
  });

  it.each([
    ["rows", "ndjson"],
    ["one document", "json"],
  ])("in the middle of %s ends the command quietly", async (_, format) => {
    const { child, ended } = start(lab, [...program, "list", ...kv, "-o", format]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect(await ended).toMatchObject({ exit: 0, stderr: "" });
  });

  it("of the demo ends it quietly", async () => {
    const { child, ended } = start(lab, [...program, "demo"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect(await ended).toMatchObject({ exit: 0, stderr: "" });
  });

  it("of standard error makes no failure a success", async () => {
    const { child, ended } = start(lab, [...program, "target", "get", "--name", "none"]);
    child.stderr?.destroy();
    expect((await ended).exit).toBe(3);
  });
});
