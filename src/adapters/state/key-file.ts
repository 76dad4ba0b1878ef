import { randomBytes } from "node:crypto";
import { closeSync, constants, fsyncSync, linkSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UscError } from "../../kernel/errors.ts";
import { ownFile, syncFolder } from "./home.ts";

/**
 * Makes a key that stands in its file whole and durable, or not at all; an existing file is never replaced. To be called with the store's lock
 * held: the name of the unfinished file is fixed, so that a killed predecessor's is found and cleared.
 */
export function createKeyFile(file: string): Buffer {
  const unfinished = `${file}.new`;
  rmSync(unfinished, { force: true });
  const key = randomBytes(32);
  write(unfinished, key);
  try {
    linkSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
  syncFolder(dirname(file));
  return key;
}

/**
 * Where the next key waits until the store has it: the name says by its proof which key lies there. So whoever moves it over the last one moves
 * the key that he has read of, however long ago that was.
 */
export const waitingFile = (file: string, proof: Buffer): string => `${file}.${proof.toString("hex", 0, 8)}`;

/** Durable when it returns. Nothing opens with it until a commit says so. */
export function createWaitingFile(file: string, proof: Buffer, key: Buffer): void {
  const waiting = waitingFile(file, proof);
  try {
    write(waiting, key);
  } catch (thrown) {
    rmSync(waiting, { force: true });
    throw thrown;
  }
  syncFolder(dirname(file));
}

/** Puts the waiting key, which the store has by now, in the place of the last one. Whoever finds it still waiting does so; if none can, it is read where it is. */
export function settleKeyFile(file: string, proof: Buffer): void {
  try {
    renameSync(waitingFile(file, proof), file);
    syncFolder(dirname(file));
  } catch {
    // Somebody else was faster, or the folder is read-only.
  }
}

/** Removes what killed and failed rotations left: keys that open nothing. To be called with the store's lock held, while nobody else makes one. */
export function sweepWaitingFiles(file: string, proof: Buffer): void {
  const own = basename(waitingFile(file, proof));
  const [folder, name] = [dirname(file), basename(file)];
  for (const found of readdirSync(folder)) {
    if (found !== own && found.startsWith(`${name}.`) && /\.[0-9a-f]{16}$/u.test(found)) rmSync(join(folder, found), { force: true });
  }
}

/** Undefined if there is no such file. */
export function readKeyFile(file: string): Buffer | undefined {
  const stats = ownFile(file, "key file");
  if (stats === undefined) return undefined;
  // A second name is left when its maker was killed just before removing it.
  if (stats.nlink > 1) rmSync(`${file}.new`, { force: true });
  const text = readFileSync(file, "latin1");
  return decodeKey(text.endsWith("\n") ? text.slice(0, -1) : text, `The key file ${file}`);
}

export function decodeKey(text: string, from: string): Buffer {
  const encoding = text.length === 64 ? "hex" : "base64";
  const key = Buffer.from(text, encoding);
  // Both decoders skip what they do not know: only what comes out the same again was a key.
  if (key.length === 32 && key.toString(encoding) === (encoding === "hex" ? text.toLowerCase() : text)) return key;
  throw new UscError("usage", `${from} holds no master key: expected 32 bytes as base64 or as 64 hex digits.`, {
    hint: "A new one comes from: openssl rand -base64 32",
  });
}

function write(path: string, key: Buffer): void {
  const handle = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    writeSync(handle, `${key.toString("base64")}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
