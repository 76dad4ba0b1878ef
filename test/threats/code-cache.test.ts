import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { canaries } from "../support/canary.ts";
import { cli } from "../support/cli.ts";
import { program, start } from "../support/program.ts";

const { folder, home: state, clean } = cli();
afterAll(clean);
const run = (user: string, env: Record<string, string> = {}, argv: readonly string[] = ["target", "list"]) =>
  start({ folder: user, home: state }, [...program, ...argv], { env }).ended;
const genuine = { exit: 0, stdout: `{\n  "targets": [],\n  "next_page": ""\n}\n`, stderr: "" };
const poisoned = { exit: 66, stdout: "POISONED", stderr: "" };
const asRoot = process.geteuid?.() === 0;

// What a user's own folder holds once usc was used, all code in it exchanged for code that says POISONED.
const planted = join(folder, "planted");
mkdirSync(planted);
expect(await run(planted)).toEqual(genuine);
for (const file of filesIn(planted)) writeFileSync(file, poison(readFileSync(file)));

let cache = "";
let home = "";
let homes = 0;
beforeEach(() => {
  home = join(folder, `home-${(homes += 1)}`);
  copy(planted, home);
  cache = join(home, ".cache", "usc");
});

const copy = (from: string, to: string): void => void execFileSync("cp", ["-a", from, to]);

/** V8 takes a cache for any source of the same length: that is what its third word says. */
function poison(cached: Buffer): Buffer {
  const length = cached.readUInt32LE(8) & 0x0fff_ffff;
  const evil = `(function () { process.stdout.write("POISONED"); process.exit(66);`;
  return new Script(`${evil.padEnd(length - 2)}})`).createCachedData();
}

function filesIn(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}

function give(path: string, uid: number): void {
  chownSync(path, uid, uid);
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) chownSync(join(entry.parentPath, entry.name), uid, uid);
}

/** Every name below a folder with what would change if it were written to. */
const looks = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: "utf8" }).map((name) => {
    const { mode, size, mtimeMs, uid } = statSync(join(path, name));
    return `${name} ${mode} ${size} ${mtimeMs} ${uid}`;
  });

describe("C10 the code cache", () => {
  it("is code: what lies in a folder of the user's own is run, and these tests could see it", async () => {
    expect(await run(home)).toEqual(poisoned);
  });

  it.runIf(asRoot).each([
    ["the whole folder", ""],
    ["the inner folder", "compile"],
  ])("that another user has planted is not used, nor touched: %s (needs root to give one away)", async (_, part) => {
    give(join(cache, part), 65_534);
    const before = looks(cache);
    for (let runs = 0; runs < 2; runs += 1) expect(await run(home)).toEqual(genuine);
    expect(looks(cache)).toEqual(before);
  });

  const modes = [0o777, 0o770, 0o707, 0o720, 0o702, 0o755, 0o1777];
  it.each(["", "compile"].flatMap((part) => modes.map((mode) => [mode.toString(8), part, mode] as const)))(
    "in a folder of mode 0%s is not used, nor touched (usc/%s)",
    async (_, part, mode) => {
      chmodSync(join(cache, part), mode);
      const before = looks(cache);
      expect(await run(home)).toEqual(genuine);
      expect(looks(cache)).toEqual(before);
    },
  );

  it.each([
    ["usc", "."],
    ["usc/compile", "compile"],
  ])("behind a link is not used, nor touched: .cache/%s", async (link, target) => {
    const elsewhere = join(home, "elsewhere");
    copy(cache, elsewhere);
    rmSync(join(home, ".cache", link), { recursive: true });
    symlinkSync(join(elsewhere, target), join(home, ".cache", link));
    const before = looks(elsewhere);
    expect(await run(home)).toEqual(genuine);
    expect(looks(elsewhere)).toEqual(before);
  });

  it.runIf(asRoot)("in a shared XDG_CACHE_HOME that another user was first in is not used (needs root)", async () => {
    const shared = join(home, "shared");
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    copy(cache, join(shared, "usc"));
    give(join(shared, "usc"), 65_534);
    expect(await run(join(home, "none"), { XDG_CACHE_HOME: shared })).toEqual(genuine);
  });

  it.runIf(asRoot)("of another user in a folder of our own is not used: a folder may be changed after the look (needs root)", async () => {
    for (const file of filesIn(cache)) chownSync(file, 65_534, 65_534);
    expect(await run(home)).toEqual(genuine);
  });

  it("in NODE_COMPILE_CACHE holds none of the program, but for the launcher that Node itself puts there", async () => {
    const shared = join(home, "node");
    for (let runs = 0; runs < 2; runs += 1) expect(await run(join(home, "none"), { NODE_COMPILE_CACHE: shared })).toEqual(genuine);
    const texts = filesIn(shared).map((file) => readFileSync(file, "latin1"));
    expect(texts.filter((text) => !/bin\/(usc|code-cache)\.js/u.test(text))).toEqual([]);
  });

  it("that is damaged is made anew", async () => {
    for (const [index, file] of filesIn(cache).entries()) writeFileSync(file, index % 2 === 0 ? "" : readFileSync(file).subarray(0, 99));
    for (let runs = 0; runs < 2; runs += 1) expect(await run(home)).toEqual(genuine);
    expect(filesIn(cache).filter((file) => statSync(file).size < 100)).toEqual([]);
  });

  it("holds nothing of what passed through the program, and is open to its owner alone", async () => {
    const user = join(home, "user");
    mkdirSync(user);
    const canary = "canary/cached+58b0 ~";
    const guid = "11111111-2222-4333-8444-555555555555";
    const who = ["--tenant-id", guid, "--client-id", guid, "--client-secret", canary];
    const env = { USC_HOME: join(home, "state") };
    expect((await run(user, env, ["target", "create", "azure", "--name", "t", ...who])).exit).toBe(0);
    expect((await run(user, env, ["target", "get-details", "--name", "t"])).stdout).toContain(canary);
    expect(filesIn(user).length).toBeGreaterThan(0);
    expect(canaries(canary, { dir: user, texts: {} })).toEqual([]);
    const open = readdirSync(user, { recursive: true, encoding: "utf8" }).filter((name) => (statSync(join(user, name)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  });
});
