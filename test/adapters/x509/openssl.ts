import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** OpenSSL's program, the judge of all that this room reads and writes. Where it is missing, the tests fail: nothing else knows better. */
export interface Openssl {
  /** Standard output. Files are named by their bare names. */
  (args: readonly string[], input?: Buffer): Buffer;
  /** Standard error. */
  told(args: readonly string[]): string;
  file(name: string, bytes: Buffer | string): void;
  bytes(name: string): Buffer;
  close(): void;
}

export function openssl(): Openssl {
  const cwd = mkdtempSync(join(tmpdir(), "usc-x509-"));
  const run = (args: readonly string[], input?: Buffer): Buffer =>
    execFileSync("openssl", args, { cwd, input: input ?? "", stdio: ["pipe", "pipe", "pipe"] });
  return Object.assign(run, {
    told: (args: readonly string[]) => spawnSync("openssl", args, { cwd, encoding: "utf8" }).stderr,
    file: (name: string, bytes: Buffer | string) => writeFileSync(join(cwd, name), bytes),
    bytes: (name: string) => readFileSync(join(cwd, name)),
    close: () => rmSync(cwd, { recursive: true }),
  });
}

/** What OpenSSL 3 reads and writes only on demand: RC2, DES, MD5. */
export const legacy = ["-provider", "legacy", "-provider", "default"];
