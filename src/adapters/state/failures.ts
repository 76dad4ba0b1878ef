import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { UscError } from "../../kernel/errors.ts";

/** Runs `act`; what SQLite or the file system throws comes out as an error of ours, by number and never by text. */
export function inOurWords<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    throw failureAt(path, thrown);
  }
}

/** The error of ours for what SQLite or the file system threw; anything else as it is. */
export function failureAt(path: string, thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof UscError) return thrown;
  const errcode = errcodeOf(thrown);
  if (errcode !== undefined) return sqliteFailure(errcode, path) ?? thrown;
  if ("syscall" in thrown && "code" in thrown) return fileFailure(String(thrown.code), path) ?? thrown;
  return thrown;
}

/** True if the error is SQLite's "somebody else holds the lock". */
export const isBusy = (thrown: unknown): boolean => isOfClass(thrown, 5, 6, 15);

/** True if SQLite could not open or write because the folder or the file does not allow it. */
export const isReadOnly = (thrown: unknown): boolean => isOfClass(thrown, 8, 14);

/** True if SQLite found that the file is no database, or a broken one. */
export const isDamage = (thrown: unknown): boolean => isOfClass(thrown, 11, 26);

function isOfClass(thrown: unknown, ...classes: readonly number[]): boolean {
  const errcode = errcodeOf(thrown);
  return errcode !== undefined && classes.includes(errcode & 255);
}

const errcodeOf = (thrown: unknown): number | undefined =>
  thrown instanceof Error && "errcode" in thrown && typeof thrown.errcode === "number" ? thrown.errcode : undefined;

// The low byte is the class of the failure (https://sqlite.org/rescode.html); the rest only says where it was noticed.
function sqliteFailure(errcode: number, path: string): UscError | undefined {
  switch (errcode & 255) {
    case 5:
    case 6:
    case 15:
      return new UscError("unavailable", `The store at ${path} is busy: another usc holds its lock.`, {
        hint: "Try again.",
        reason: "busy",
      });
    case 8:
      return readOnly(path);
    case 10:
      return diskIsFull(path)
        ? full(path)
        : new UscError("unavailable", `The disk failed under the store at ${path}.`, { hint: checkDisk });
    case 11:
    case 26:
      return damagedStore(path);
    case 13:
      return full(path);
    case 3:
    case 14:
      return new UscError("unavailable", `The store at ${path} cannot be opened.`, {
        hint: "usc needs to read and write the files in that folder, and they must be regular files.",
      });
    default:
      return undefined;
  }
}

function fileFailure(code: string, path: string): UscError | undefined {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return full(path);
    case "EROFS":
      return readOnly(path);
    case "EACCES":
    case "EPERM":
      return new UscError("unavailable", `usc may not use ${path}.`, {
        hint: "Check who owns the folder, or set USC_HOME to one of yours.",
      });
    case "EIO":
      return new UscError("unavailable", `The disk failed under ${path}.`, { hint: checkDisk });
    case "ENOTDIR":
    case "EEXIST":
    case "ENOENT":
    case "ELOOP":
    case "ENAMETOOLONG":
      return new UscError("usage", `${path} cannot be a folder of usc.`, { hint: "Set USC_HOME to a folder that exists or can be made." });
    default:
      return undefined;
  }
}

const checkDisk = "Check the disk, then try again; nothing half-written is left.";

function full(path: string): UscError {
  return new UscError("unavailable", `The disk is full: ${path} could not be written.`, {
    hint: "Make room and try again; nothing half-written is left.",
    reason: "full",
  });
}

function readOnly(path: string): UscError {
  return new UscError("unavailable", `The store at ${path} is read-only.`, {
    hint: "Make its folder writable for you, or set USC_HOME to another one.",
  });
}

export function damagedStore(path: string): UscError {
  return new UscError("conflict", `The store at ${path} is damaged.`, {
    hint: "Keep a copy of its folder; set USC_HOME to an empty one, and `usc state restore` puts a backup into it.",
  });
}

function diskIsFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail === 0;
  } catch {
    return false;
  }
}
