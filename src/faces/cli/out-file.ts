import { closeSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import { UscError } from "../../kernel/errors.ts";

/** Writes a new file of mode 0600, whole or not at all. With `replace` a regular file gives way; a link, a folder or a device never does. */
export function writeOutFile(path: string, bytes: Uint8Array, replace: boolean, flag = "--out-file"): void {
  try {
    refuseTaken(path, replace, flag);
    const temporary = join(dirname(path), `.usc-${randomBytes(8).toString("hex")}`);
    try {
      write(temporary, bytes);
      // A link fails where a file has come up meanwhile; a rename would replace it.
      if (replace) renameSync(temporary, path);
      else linkSync(temporary, path);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (error) {
    throw error instanceof UscError ? error : failure(error, flag);
  }
}

/** Says beforehand what writing would be refused for. */
export function refuseTaken(path: string, replace: boolean, flag = "--out-file"): void {
  try {
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present && !present.isFile()) throw irregular(flag);
    if (present && !replace) throw exists(flag);
  } catch (error) {
    throw error instanceof UscError ? error : failure(error, flag);
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

function failure(error: unknown, flag: string): UscError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EEXIST") return exists(flag);
  const full = fulls[code];
  if (full !== undefined)
    return new UscError("unavailable", `${flag} was not written: ${full}.`, { hint: "Make room, or choose another path." });
  return new UscError("usage", `${flag} cannot be written: ${reasons[code] ?? `the system refused it (${code})`}.`, {
    hint: "Check the path, its folder and their permissions.",
  });
}

const exists = (flag: string): UscError =>
  new UscError("conflict", `${flag} names a file that exists.`, { hint: "Give --force to replace it." });

const irregular = (flag: string): UscError =>
  new UscError("usage", `${flag} names something that is no regular file.`, {
    hint: "Choose another path; -o raw writes to standard output, which may be anything.",
  });

const fulls: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EFBIG: "it would be larger than files may be here",
};

const reasons: Record<string, string> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "a part of the path is no folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
};
