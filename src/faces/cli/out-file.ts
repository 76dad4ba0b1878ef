import { closeSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import { UscError } from "../../kernel/errors.ts";

/** Writes a new file of mode 0600, whole or not at all. With `replace` a regular file gives way; a link or a folder never does. */
export function writeOutFile(path: string, bytes: Uint8Array, replace: boolean): void {
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present && !present.isFile())
    throw new UscError("usage", "--out-file names something that is no regular file.", { hint: "Choose another path." });
  if (present && !replace) throw exists();
  const temporary = join(dirname(path), `.usc-${randomBytes(8).toString("hex")}`);
  try {
    write(temporary, bytes);
    // A link fails where a file has come up meanwhile; a rename would replace it.
    if (replace) renameSync(temporary, path);
    else linkSync(temporary, path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EEXIST") throw exists();
    if (code === "ENOSPC" || code === "EDQUOT") throw new UscError("unavailable", "--out-file was not written: the disk is full.");
    throw new UscError("usage", `--out-file cannot be written (${code}).`, { hint: "Check the folder and its permissions." });
  } finally {
    if (lstatSync(temporary, { throwIfNoEntry: false })) unlinkSync(temporary);
  }
}

function write(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, "wx", 0o600);
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writeSync(descriptor, rest));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const exists = (): UscError => new UscError("conflict", "--out-file names a file that exists.", { hint: "Give --force to replace it." });
