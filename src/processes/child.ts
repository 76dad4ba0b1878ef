import { type ChildProcess, spawn } from "node:child_process";
import { write } from "node:fs";
import { constants as system } from "node:os";
import type { Readable } from "node:stream";
import { UscError } from "../kernel/errors.ts";
import type { Masker } from "./masker.ts";

export interface Program {
  /** Absolute. */
  file: string;
  words: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** One for each of its two streams. */
  masker: () => Masker;
}

/** What a shell, `env` and `nohup` end with when there is no program to run. */
export const noSuchProgram = 127;
export const notRunnable = 126;

// A debugger's signal is among them: Node would open one for anyone on the machine.
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;
const fromTerminal: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT"]);

/** Runs it to its end, with our standard input and masked output; its exit code, or 128 and the number of the signal that ended it. */
export async function runProgram({ file, words: [name = "", ...rest], environment, masker }: Program): Promise<number> {
  const child = spawn(file, rest, { argv0: name, env: environment, stdio: ["inherit", "pipe", "pipe"] });
  for (const signal of forwarded) {
    process.removeAllListeners(signal).on(signal, () => {
      // The terminal has told all of its foreground already.
      if (process.stdin.isTTY !== true || !fromTerminal.has(signal)) child.kill(signal);
    });
  }
  const ended = endOf(child);
  const [{ code, signal }] = await Promise.all([ended, pour(child.stdout, 1, masker()), pour(child.stderr, 2, masker())]);
  if (signal === null) return code ?? notRunnable;
  return dieBy(signal);
}

function endOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((done, failed) => {
    child.on("exit", (code, signal) => done({ code, signal }));
    child.on("error", (error) => failed(refused(error)));
  });
}

function refused(error: Error): UscError {
  const code = "code" in error ? String(error.code) : "";
  if (code === "E2BIG")
    return new UscError("usage", "The program cannot be started: its environment would be too large.", { hint: "Map fewer secrets." });
  return new UscError("usage", `The program cannot be started (${code}).`, { hint: "Is it a program of this system, and executable?" });
}

/** Writes all of a stream, and lets it go where nobody reads us any more: then the child hears that with its next write. */
async function pour(stream: Readable, descriptor: 1 | 2, mask: Masker): Promise<void> {
  for await (const chunk of stream) if (!(await writeAll(descriptor, mask.push(chunk)))) return;
  await writeAll(descriptor, mask.end());
}

async function writeAll(descriptor: 1 | 2, bytes: Buffer): Promise<boolean> {
  for (let rest = bytes; rest.length > 0;) {
    const written = await writeSome(descriptor, rest);
    if (written === undefined) return false;
    rest = rest.subarray(written);
  }
  return true;
}

/** How many bytes went out; undefined if nobody takes any. */
function writeSome(descriptor: 1 | 2, bytes: Buffer): Promise<number | undefined> {
  return new Promise((done) => {
    write(descriptor, bytes, (error, written) => {
      if (error?.code === "EAGAIN") setTimeout(() => done(0), 5);
      else done(error ? undefined : written);
    });
  });
}

/** Ends us as the child ended, so that a shell sees the same; where that does not end us, by the number that it would show. A dump of our memory would hold the values. */
async function dieBy(signal: NodeJS.Signals): Promise<number> {
  if (signal === "SIGINT" || signal === "SIGTERM" || signal === "SIGHUP") {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // A signal to oneself arrives before this is over, unless one is the first process of a container.
    await new Promise((done) => setTimeout(done, 50));
  }
  return 128 + system.signals[signal];
}
