import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, constants, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { UscError } from "../../kernel/errors.ts";
import { ownFile, syncFolder } from "./home.ts";

/** Where the master key comes from: a variable if it is set, else a file in the home folder. */
export interface MasterKeySource {
  variable: string | undefined;
  file: string;
}

export interface MasterKey {
  /** 32 bytes; the holder fills them with zeros after use. */
  bytes: Buffer;
  /** As a reader calls the place it came from. */
  from: string;
}

/** Undefined if there is neither a variable nor a file. */
export function findMasterKey(source: MasterKeySource): MasterKey | undefined {
  const inFile = readKeyFile(source.file);
  if (source.variable === undefined) return inFile && { bytes: inFile, from: `The key file ${source.file}` };
  const given = decode(source.variable, "USC_MASTER_KEY");
  if (inFile && !timingSafeEqual(given, inFile))
    throw new UscError("usage", `USC_MASTER_KEY and the key file ${source.file} hold different keys.`, {
      hint: "Unset the variable, or move the file away, whichever is the wrong one.",
    });
  inFile?.fill(0);
  return { bytes: given, from: "USC_MASTER_KEY" };
}

/** What recognises a master key later. It says nothing about the key: that is 32 random bytes. */
export function proofOf(key: MasterKey): Buffer {
  return createHmac("sha256", key.bytes).update("usc master key 1").digest();
}

/**
 * Makes a key that stands in its file whole and durable, or not at all; an existing file is never replaced. To be called with the store's lock
 * held: the name of the unfinished file is fixed, so that a killed predecessor's is found and cleared.
 */
export function createKeyFile(file: string): Buffer {
  const unfinished = `${file}.new`;
  rmSync(unfinished, { force: true });
  const key = randomBytes(32);
  const handle = openSync(unfinished, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    writeSync(handle, `${key.toString("base64")}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
  syncFolder(dirname(file));
  return key;
}

function readKeyFile(file: string): Buffer | undefined {
  const stats = ownFile(file, "key file");
  if (stats === undefined) return undefined;
  // A second name is left when its maker was killed just before removing it.
  if (stats.nlink > 1) rmSync(`${file}.new`, { force: true });
  const text = readFileSync(file, "latin1");
  return decode(text.endsWith("\n") ? text.slice(0, -1) : text, `The key file ${file}`);
}

function decode(text: string, from: string): Buffer {
  const encoding = text.length === 64 ? "hex" : "base64";
  const key = Buffer.from(text, encoding);
  // Both decoders skip what they do not know: only what comes out the same again was a key.
  if (key.length === 32 && key.toString(encoding) === (encoding === "hex" ? text.toLowerCase() : text)) return key;
  throw new UscError("usage", `${from} holds no master key: expected 32 bytes as base64 or as 64 hex digits.`, {
    hint: "A new one comes from: openssl rand -base64 32",
  });
}
