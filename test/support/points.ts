import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Store } from "../../src/kernel/store.ts";

/** In a child: one line for whoever started it. */
export const say = (line: unknown): void => void writeSync(1, `${JSON.stringify(line)}\n`);

/** In a child: what says that it has come to the point, and waits there for a line. */
export function waitingAt(point: string | undefined): (at: number) => Promise<void> {
  const heard = createInterface(process.stdin)[Symbol.asyncIterator]();
  return async (at) => {
    if (String(at) !== point) return;
    say({ at });
    await heard.next();
  };
}

/** In a child: a store that waits at the points 2n, before its commit n, and 2n + 1, after it; and how many points there were so far. */
export function pointed(inner: Store, point: string | undefined): { store: Store; points: () => number } {
  const wait = waitingAt(point);
  let points = 0;
  const pass = (): Promise<void> => wait(points++);
  const store: Store = {
    ...inner,
    async commit(changes) {
      await pass();
      await inner.commit(changes);
      await pass();
    },
  };
  return { store, points: () => points };
}

/** A child of this folder. `first`: it has said something; `ended`: its last line. */
export function childOf<Line extends object>(script: string, words: readonly (string | number | undefined)[]) {
  const given = words.filter((word) => word !== undefined).map(String);
  const running = spawn(process.execPath, [join(import.meta.dirname, script), ...given], {
    stdio: ["pipe", "pipe", "inherit"],
    // What one child has compiled the next ones have at hand: half of their start.
    env: { ...process.env, NODE_COMPILE_CACHE: process.env["USC_TEST_COMPILED"] },
  });
  const lines: Line[] = [];
  const output = createInterface(running.stdout);
  output.on("line", (line) => lines.push(JSON.parse(line) as Line));
  const first = new Promise<void>((resolve) => output.once("line", () => resolve()));
  const ended = new Promise<Partial<Line>>((resolve) => output.once("close", () => resolve(lines.at(-1) ?? {})));
  return { first, ended, kill: (signal: NodeJS.Signals = "SIGKILL") => running.kill(signal), go: () => running.stdin.write("go\n") };
}
