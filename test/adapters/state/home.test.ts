import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore } from "../../../src/adapters/state/index.ts";
import { canTrace, runChild, stateLab } from "../../support/state-lab.ts";
import { papers } from "../../support/state-papers.ts";

const { dir, newHome } = stateLab();
const asRoot = process.geteuid?.() === 0;

async function used(home: string): Promise<void> {
  const store = openStore({ home });
  await store.commit([store.collection(papers).put("/a", { text: "t", secret: "s" }, 0)]);
}

describe("S7 the home folder", () => {
  it("is made with its parents, all 0700, and every file in it is 0600 at every instant, whatever the umask", async () => {
    const home = join(newHome(), "deep", "usc");
    const seen = new Set<string>();
    const child = new AbortController();
    const ended = runChild([home, "work", "20"], ["sh", "-c", 'umask 000; exec "$@"', "sh"]).finally(() => child.abort());
    while (!child.signal.aborted) {
      if (existsSync(home))
        for (const name of readdirSync(home))
          seen.add(`${name} ${((lstatSync(join(home, name), { throwIfNoEntry: false })?.mode ?? 0o600) & 0o777).toString(8)}`);
      await new Promise(setImmediate);
    }
    expect((await ended).exit).toBe(0);
    expect([...seen].filter((look) => !look.endsWith(" 600"))).toEqual([]);
    expect([...seen].map((look) => look.split(" ")[0])).toEqual(
      expect.arrayContaining(["usc.db", "usc.db-wal", "usc.db-shm", "master.key"]),
    );
    for (const folder of [home, join(home, ".."), join(home, "../..")]) expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it.runIf(canTrace())(
    "and no call makes a file for more than its owner, or a database or key by an open that is not exclusive (needs strace)",
    async () => {
      const trace = join(dir, "trace");
      const home = newHome();
      const strace = [
        "sh",
        "-c",
        'umask 000; exec "$@"',
        "sh",
        "strace",
        "-f",
        "-qq",
        "-o",
        trace,
        "-e",
        "trace=open,openat,chmod,fchmod,fchmodat",
      ];
      expect((await runChild([home, "work", "3"], strace)).exit).toBe(0);
      const calls = readFileSync(trace, "utf8")
        .split("\n")
        .filter((line) => line.includes(home));
      // The first open that may create a file is the one that does; SQLite's later ones find it there.
      const makers = ["usc.db", "usc.db-wal", "usc.db-shm", "master.key.new"].map((name) =>
        calls.find((line) => line.includes(`/${name}"`) && line.includes("O_CREAT")),
      );
      expect(makers.filter((line) => !line?.includes(", 0600"))).toEqual([]);
      expect([makers[0], makers[3]].filter((line) => !line?.includes("O_EXCL"))).toEqual([]);
      expect(calls.filter((line) => line.includes("chmod"))).toEqual([]);
    },
  );

  it("is closed to others if it was empty, and left as it is if it holds other things", async () => {
    const empty = newHome();
    mkdirSync(empty, 0o755);
    await used(empty);
    expect(statSync(empty).mode & 0o777).toBe(0o700);
    const full = newHome();
    mkdirSync(full, 0o755);
    writeFileSync(join(full, "notes.txt"), "mine");
    await used(full);
    expect(statSync(full).mode & 0o777).toBe(0o755);
  });

  it.each([0o777, 0o770, 0o707, 0o1777, 0o720])("is refused if others can write to it (%o)", (mode) => {
    const home = newHome();
    mkdirSync(home);
    chmodSync(home, mode);
    expect(() => openStore({ home })).toThrow(
      expect.objectContaining({ code: "conflict", message: `Other users can write to the folder ${home}.` }),
    );
    expect(readdirSync(home)).toEqual([]);
  });

  it.runIf(asRoot)("is refused if it belongs to another user (needs root to give one away)", () => {
    const home = newHome();
    mkdirSync(home, 0o700);
    chownSync(home, 65534, 65534);
    expect(() => openStore({ home })).toThrow(
      expect.objectContaining({ code: "conflict", message: `The folder ${home} belongs to another user.` }),
    );
  });

  it("is refused if it is a file, or lies below one", () => {
    const file = join(dir, "file");
    writeFileSync(file, "x");
    for (const home of [file, join(file, "below")]) expect(() => openStore({ home })).toThrow(expect.objectContaining({ code: "usage" }));
    expect(readFileSync(file, "utf8")).toBe("x");
  });

  it("is refused, and not asked for without end, on a file system that makes no folders", () => {
    expect(() => openStore({ home: "/proc/usc/home" })).toThrow(expect.objectContaining({ name: "UscError" }));
  });
});

describe("S7 files that are not ours alone", () => {
  it.each(["usc.db", "usc.db-wal", "master.key"])("refuses a %s that others can read, and says how to close it", async (name) => {
    const home = newHome();
    await used(home);
    const path = join(home, name);
    chmodSync(path, 0o640);
    const failure = {
      code: "conflict",
      message: expect.stringMatching(/^Other users can read the .*\.$/u),
      details: { hint: `Run: chmod 600 ${path}` },
    };
    await expect((async () => openStore({ home }).collection(papers).get("/a"))()).rejects.toMatchObject(failure);
    chmodSync(path, 0o600);
    expect(await openStore({ home }).collection(papers).get("/a")).toBeDefined();
  });

  it.each([
    ["usc.db", "a link to a file", (path: string, victim: string) => symlinkSync(victim, path)],
    ["usc.db", "a link to nothing", (path: string) => symlinkSync(`${path}.absent`, path)],
    ["usc.db", "a folder", (path: string) => mkdirSync(path, 0o700)],
    ["usc.db", "a pipe", (path: string) => execFileSync("mkfifo", ["-m", "600", path])],
    ["usc.db-wal", "a link to a file", (path: string, victim: string) => symlinkSync(victim, path)],
    ["usc.db-shm", "a link to a file", (path: string, victim: string) => symlinkSync(victim, path)],
    ["master.key", "a link to a file", (path: string, victim: string) => symlinkSync(victim, path)],
    ["master.key", "a link to nothing", (path: string) => symlinkSync(`${path}.absent`, path)],
    ["master.key.new", "a link to a file", (path: string, victim: string) => symlinkSync(victim, path)],
  ])("does not follow or replace %s that is %s", async (name, _, make) => {
    const home = newHome();
    mkdirSync(home, 0o700);
    const victim = join(dir, "victim");
    writeFileSync(victim, "untouched", { mode: 0o600 });
    make(join(home, name), victim);
    if (name === "master.key.new") await used(home);
    else await expect(used(home)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining(join(home, name)) });
    expect(readFileSync(victim, "utf8")).toBe("untouched");
    expect(existsSync(join(home, `${name}.absent`))).toBe(false);
  });
});
