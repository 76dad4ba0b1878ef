import { createHmac, timingSafeEqual } from "node:crypto";
import { UscError } from "../../kernel/errors.ts";
import { decodeKey, readKeyFile, waitingFile } from "./key-file.ts";

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
  /** It lies in the file of a key that waits, and not yet where it belongs. */
  waits?: true;
}

/** Undefined if there is neither a variable nor a file. `proof`: of the key that is looked for; another one may be found all the same. */
export function findMasterKey(source: MasterKeySource, proof?: Buffer): MasterKey | undefined {
  const inFile = proof === undefined ? keyIn(source.file) : keyOf(source.file, proof);
  if (source.variable === undefined) return inFile;
  const given = decodeKey(source.variable, "USC_MASTER_KEY");
  if (inFile && !timingSafeEqual(given, inFile.bytes))
    throw new UscError("usage", `USC_MASTER_KEY and the key file ${source.file} hold different keys.`, {
      hint: "Unset the variable, or move the file away, whichever is the wrong one.",
    });
  inFile?.bytes.fill(0);
  return { bytes: given, from: "USC_MASTER_KEY" };
}

/** What recognises a master key later. It says nothing about the key: that is 32 random bytes. */
export function proofOf(key: Buffer): Buffer {
  return createHmac("sha256", key).update("usc master key 1").digest();
}

export function fits(key: Buffer, proof: Uint8Array): boolean {
  const own = proofOf(key);
  return own.length === proof.length && timingSafeEqual(own, proof);
}

function keyIn(file: string): MasterKey | undefined {
  const bytes = readKeyFile(file);
  return bytes && { bytes, from: `The key file ${file}` };
}

function keyOf(file: string, proof: Buffer): MasterKey | undefined {
  const waiting = waitingFile(file, proof);
  for (const path of [file, waiting]) {
    const found = keyIn(path);
    if (found && fits(found.bytes, proof)) return { ...found, ...(path === waiting ? { waits: true } : {}) };
  }
  return keyIn(file);
}
