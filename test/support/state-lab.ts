import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll } from "vitest";

/** A folder that goes away with the test file, and names for homes in it that do not exist yet. */
export function stateLab(): { dir: string; newHome: () => string } {
  const dir = mkdtempSync(join(tmpdir(), "usc-state-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  let homes = 0;
  return { dir, newHome: () => join(dir, `home-${++homes}`) };
}

/** Changes the database behind the store's back. */
export function tamper(home: string, act: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(join(home, "usc.db"), { defensive: false });
  act(db);
  db.close();
}

/** Everything in the folder that lasts: not the log's index, which is rebuilt at will. */
export function bytesOf(home: string): Record<string, string> {
  const names = readdirSync(home).filter((name) => !name.endsWith("-shm"));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(home, name)).toString("latin1")]));
}

export interface Ended {
  exit: number | null;
  /** What it said, line by line; the last line is its answer or its failure. */
  lines: Record<string, unknown>[];
}

const child = join(import.meta.dirname, "state-child.ts");

/** Runs support/state-child.ts. `before` is a command that runs another: `prlimit --fsize=1`. */
export function runChild(
  words: readonly string[],
  before: readonly string[] = [],
  onLine: (kill: () => void) => void = () => {},
): Promise<Ended> {
  const [program = "", ...rest] = [...before, process.execPath, child, ...words];
  return new Promise((resolve, reject) => {
    const running = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    running.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      onLine(() => running.kill("SIGKILL"));
    });
    running.on("error", reject);
    running.on("close", (exit) => {
      const lines = said.split("\n").filter((line) => line.endsWith("}"));
      resolve({ exit, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) });
    });
  });
}

/** Development machines have strace; CI may not, and then the tests that watch system calls are left out. */
export function canTrace(): boolean {
  return spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status === 0;
}
