import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeOutFile } from "../../src/faces/cli/out-file.ts";
import { localAzure } from "../support/local-azure.ts";
import { program, start } from "../support/program.ts";
import { canTrace } from "../support/state-lab.ts";
import { traced } from "../support/trace.ts";

const lab = await localAzure();
const listeners: { close: () => void }[] = [];
afterAll(async () => {
  for (const listener of listeners) listener.close();
  await lab.stop();
});
const value = "canary-value-61ff";
await lab.control(`/secrets/${lab.vault.name}/s`, "PUT", { value });
const get = ["get", "--usc-name", "kv", "-s", "s", "--out-file"];

/** `make` puts something at a path; `victim` is a file that must not change. */
interface Shape {
  name: string;
  make: (path: string, victim: string) => void | Promise<void>;
  /** How `get --out-file` on it ends, without and with --force. */
  ends: [bare: 0 | 2 | 4, forced: 0 | 2 | 4];
}

const mayMakeDevices = spawnSync("mknod", [join(lab.folder, "device"), "c", "1", "3"]).status === 0;
const shapes: Shape[] = [
  { name: "nothing", make: () => {}, ends: [0, 0] },
  { name: "a file that others can read", make: (path) => writeWith(path, 0o644), ends: [4, 0] },
  { name: "a file that others can write to", make: (path) => writeWith(path, 0o666), ends: [4, 0] },
  { name: "a file that nobody can write to", make: (path) => writeWith(path, 0o444), ends: [4, 0] },
  { name: "a second name of a file", make: (path, victim) => linkSync(victim, path), ends: [4, 0] },
  { name: "a link to a file", make: (path, victim) => symlinkSync(victim, path), ends: [2, 2] },
  { name: "a link to nothing", make: (path) => symlinkSync(`${path}.absent`, path), ends: [2, 2] },
  { name: "a link to a folder", make: (path) => symlinkSync(lab.folder, path), ends: [2, 2] },
  { name: "a folder", make: (path) => mkdirSync(path), ends: [2, 2] },
  { name: "a pipe", make: (path) => void execFileSync("mkfifo", ["-m", "666", path]), ends: [2, 2] },
  { name: "a socket", make: listenAt, ends: [2, 2] },
  ...(mayMakeDevices
    ? ([
        { name: "a device", make: (path) => void execFileSync("mknod", ["-m", "666", path, "c", "1", "3"]), ends: [2, 2] },
      ] satisfies Shape[])
    : []),
];

function writeWith(path: string, mode: number): void {
  writeFileSync(path, "old");
  chmodSync(path, mode);
}

async function listenAt(path: string): Promise<void> {
  const server = createServer();
  listeners.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

/** All that can be seen of what lies at a path. */
function looks(path: string): unknown {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return "nothing";
  const inside = stat.isFile() ? readFileSync(path, "utf8") : stat.isSymbolicLink() ? readlinkSync(path) : "";
  return { mode: stat.mode.toString(8), inside, rdev: stat.rdev, id: stat.ino };
}

const cases = shapes.flatMap(({ name, make, ends }) => [
  { title: name, make, end: ends[0], flags: [] },
  { title: `${name}, with --force`, make, end: ends[1], flags: ["--force"] },
]);

describe("C8 --out-file, under a umask that closes nothing", () => {
  it.each(cases)("onto $title ends with $end", async ({ title, make, end, flags }) => {
    const folder = join(lab.folder, title);
    mkdirSync(folder);
    const [path, victim] = [join(folder, "out"), join(folder, "victim")];
    writeWith(victim, 0o644);
    await make(path, victim);
    const [before, victimBefore, namesBefore] = [looks(path), looks(victim), readdirSync(folder)];

    const ran = await start(lab, ["sh", "-c", 'umask 000; exec "$@"', "sh", ...program, ...get, path, ...flags]).ended;
    expect(ran).toMatchObject({ exit: end, stdout: "" });
    expect(looks(victim)).toEqual(victimBefore);
    if (end === 0) {
      expect(looks(path)).toMatchObject({ mode: "100600", inside: value });
      expect(readdirSync(folder)).toEqual(["out", "victim"]);
      return;
    }
    const [sentence, hint] = end === 4 ? [/^--out-file names a file that exists\.$/u, /--force/u] : [/no regular file\.$/u, /-o raw/u];
    expect(JSON.parse(ran.stderr)).toEqual({
      error: expect.stringMatching(sentence),
      code: end === 4 ? "conflict" : "usage",
      hint: expect.stringMatching(hint),
    });
    expect(looks(path)).toEqual(before);
    expect(readdirSync(folder)).toEqual(namesBefore);
  });

  it("leaves a file that comes up meanwhile as it is, unless --force is given", () => {
    const path = join(lab.folder, "meanwhile");
    class Slow extends Uint8Array<ArrayBuffer> {
      // Asked for when a part is written.
      override subarray(from?: number, to?: number): Uint8Array<ArrayBuffer> {
        writeFileSync(path, "theirs");
        return super.subarray(from, to);
      }
    }
    expect(() => writeOutFile(path, Slow.from(Buffer.from(value)), false)).toThrow("names a file that exists");
    expect(readFileSync(path, "utf8")).toBe("theirs");
    writeOutFile(path, Slow.from(Buffer.from(value)), true);
    expect(readFileSync(path, "utf8")).toBe(value);
    expect(readdirSync(lab.folder).filter((name) => name.startsWith(".usc-"))).toEqual([]);
  });

  it.runIf(canTrace())("is made exclusively, for its owner alone, and its mode is never changed afterwards (needs strace)", async () => {
    const path = join(lab.folder, "traced");
    writeWith(path, 0o644);
    const { calls } = await traced(lab, [...get, path, "--force"]);
    const beside = calls.filter((call) => call.includes(`${lab.folder}/.usc-`) || call.includes(`"${path}"`));
    expect(beside.filter((call) => call.includes("O_CREAT"))).toEqual([expect.stringMatching(/O_EXCL[^,]*, 0600\)/u)]);
    expect(beside.filter((call) => call.includes("chmod"))).toEqual([]);
  });
});

describe("C8 --out-file where nothing can be made", () => {
  const folder = join(lab.folder, "places");
  mkdirSync(folder);
  writeFileSync(join(folder, "file"), "");
  symlinkSync(join(folder, "circle"), join(folder, "circle"));

  it.each([
    ["in a folder that is not there", "absent/out", "there is no such folder"],
    ["below a file", "file/out", "a part of the path is no folder"],
    ["with too long a name", "x".repeat(300), "the name is too long"],
    ["through links that lead in a circle", "circle/out", "its links lead in a circle"],
    ["with an empty name", "", "there is no such folder"],
  ])("%s is one sentence", async (_, name, reason) => {
    const { exit, stderr } = await lab.usc([...get, name === "" ? "" : join(folder, name)]);
    expect(JSON.parse(stderr)).toEqual({ error: `--out-file cannot be written: ${reason}.`, code: "usage", hint: expect.any(String) });
    expect(exit).toBe(2);
    expect(readdirSync(folder)).toEqual(["circle", "file"]);
  });

  it.runIf(process.geteuid?.() === 0)("in a folder of somebody else is permission denied (needs root to become another)", () => {
    chmodSync(lab.folder, 0o711);
    chmodSync(folder, 0o755);
    process.seteuid?.(65_534);
    try {
      expect(() => writeOutFile(join(folder, "out"), Buffer.from(value), false)).toThrow("cannot be written: permission denied.");
      expect(() => writeOutFile(join(folder, "file"), Buffer.from(value), true)).toThrow("cannot be written: permission denied.");
      expect(() => writeOutFile(join(lab.home, "out"), Buffer.from(value), true)).toThrow("cannot be written: permission denied.");
    } finally {
      process.seteuid?.(0);
    }
    expect(readdirSync(folder)).toEqual(["circle", "file"]);
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("");
    rmSync(folder, { recursive: true });
  });
});
