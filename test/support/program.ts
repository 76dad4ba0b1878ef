import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { checkout } from "./cli.ts";

/** The words that start usc: for tests that put another program before them. */
export const program: readonly string[] = [process.execPath, join(checkout, "bin/usc.js")];

/** Whose usc: the folder that stands for the user's own, and the state in it. */
export interface User {
  folder: string;
  home: string;
}

interface Ended {
  /** Null if a signal ended it. */
  exit: number | null;
  stdout: string;
  stderr: string;
}

/** A command that a test looks at while it runs. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
}

export interface How {
  cwd?: string;
  env?: Record<string, string>;
}

export const environmentOf = ({ folder, home }: User): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: folder,
  USC_HOME: home,
});

export function start(user: User, [command = "", ...words]: readonly string[], how: How = {}): Running {
  const child = spawn(command, words, {
    env: { ...environmentOf(user), ...how.env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(how.cwd === undefined ? {} : { cwd: how.cwd }),
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (said.stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exit) => resolve({ exit, ...said }));
  });
  return { child, ended };
}

/** Waits until something is so, and fails loudly if it never is. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, boundMs = 20_000): Promise<void> {
  const end = performance.now() + boundMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
