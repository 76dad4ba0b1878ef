import { randomBytes } from "node:crypto";
import { closeSync, constants, fsyncSync, linkSync, lstatSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UscError } from "../../kernel/errors.ts";
import { failureAt } from "./failures.ts";
import { createOwnFile, syncFolder } from "./home.ts";

/**
 * Writes what is committed in the database at one instant to a new file: 0600 from its first byte, durable, and without a trace of what was
 * deleted before. `check` sees it before it bears its name; a file that stands there is never replaced.
 */
export function writeCopy<T>(database: string, to: string, check: (unfinished: string) => T): T {
  const unfinished = `${to}.unfinished-${randomBytes(4).toString("hex")}`;
  try {
    if (lstatSync(to, { throwIfNoEntry: false })) throw taken(to);
    createOwnFile(unfinished);
    vacuum(database, unfinished);
    sync(unfinished);
    const checked = check(unfinished);
    // A link fails where a file has come up meanwhile; a rename would replace it.
    linkSync(unfinished, to);
    rmSync(unfinished);
    syncFolder(dirname(to));
    return checked;
  } catch (thrown) {
    discard(unfinished);
    throw translated(thrown, to);
  }
}

// A connection of its own: SQLite copies in no transaction but its own, and the caller may have one.
function vacuum(database: string, into: string): void {
  const db = new DatabaseSync(database, { timeout: 10_000, defensive: true });
  try {
    db.exec("PRAGMA trusted_schema=OFF");
    db.prepare("VACUUM INTO ?").run(into);
  } finally {
    db.close();
  }
}

function sync(path: string): void {
  const handle = openSync(path, constants.O_RDWR);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What went wrong before is what is told. */
export function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

function translated(thrown: unknown, to: string): unknown {
  const code = thrown instanceof Error && "syscall" in thrown && "code" in thrown ? String(thrown.code) : "";
  if (code === "EEXIST") return taken(to);
  const reason = reasons[code];
  if (reason === undefined) return failureAt(to, thrown);
  return new UscError("usage", `${to} cannot be written: ${reason}.`, { hint: "Check the path, its folder and their permissions." });
}

const taken = (to: string): UscError =>
  new UscError("conflict", `${to} exists already.`, { hint: "Choose another name: a copy replaces nothing." });

const reasons: Record<string, string> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "a part of the path is no folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
};
