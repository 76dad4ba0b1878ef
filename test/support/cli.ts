import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Ran {
  exit: number | null;
  stdout: string;
  stderr: string;
  bytes: Buffer;
  json: Record<string, unknown>;
  failure: { error: string; code: string; hint?: string };
}

export interface How {
  env?: Record<string, string>;
  input?: string | Buffer;
  uid?: number;
  /** Where the program stands: default this checkout. */
  root?: string;
  nodeFlags?: readonly string[];
  /** Leave standard input closed. */
  closed?: boolean;
}

export const checkout = join(import.meta.dirname, "../..");

/** A home of its own per test file, and the program as a user runs it. */
export function cli() {
  const folder = mkdtempSync(join(tmpdir(), "usc-test-"));
  const home = join(folder, "state");
  const said: string[] = [];
  const usc = (argv: readonly string[], how: How = {}): Promise<Ran> => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder, USC_HOME: home, ...how.env };
    const child = spawn(process.execPath, [...(how.nodeFlags ?? []), join(how.root ?? checkout, "bin/usc.js"), ...argv], {
      env,
      stdio: [how.closed ? "ignore" : "pipe", "pipe", "pipe"],
      ...(how.uid === undefined ? {} : { uid: how.uid, gid: how.uid }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin?.on("error", () => {});
    child.stdin?.end(how.input ?? "");
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exit) => {
        const bytes = Buffer.concat(out);
        const [stdout, stderr] = [bytes.toString(), Buffer.concat(err).toString()];
        said.push(stdout, stderr);
        resolve({
          exit,
          stdout,
          stderr,
          bytes,
          get json() {
            return JSON.parse(stdout) as Record<string, unknown>;
          },
          get failure() {
            return JSON.parse(stderr) as Ran["failure"];
          },
        });
      });
    });
  };
  return { usc, home, folder, said, clean: () => rmSync(folder, { recursive: true, force: true }) };
}
