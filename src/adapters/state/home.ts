import { chmodSync, closeSync, constants, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, statSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { UscError } from "../../kernel/errors.ts";

const hasOwners = process.platform !== "win32";

/** Makes the folder (0700) if it is absent, and refuses one that another user could write to. */
export function prepareHome(home: string): void {
  const stats = statSync(home, { throwIfNoEntry: false });
  if (stats === undefined) return makeFolder(home);
  if (!stats.isDirectory()) throw new UscError("usage", `${home} is no folder.`, { hint: "Set USC_HOME to a folder." });
  if (!hasOwners) return;
  if (stats.uid !== process.geteuid?.())
    throw new UscError("conflict", `The folder ${home} belongs to another user.`, { hint: "Set USC_HOME to a folder of your own." });
  if (stats.mode & 0o022)
    throw new UscError("conflict", `Other users can write to the folder ${home}.`, { hint: `Run: chmod 700 ${home}` });
}

/** A folder that is still empty becomes ours whole. One that holds other things keeps the mode its owner gave it. */
export function closeEmptyFolder(home: string): void {
  if (hasOwners && statSync(home).mode & 0o077 && readdirSync(home).length === 0) chmodSync(home, 0o700);
}

// Not mkdir's own recursion: on a file system that answers ENOENT for ever (seen under /proc) it never ends.
function makeFolder(folder: string): void {
  const parent = dirname(folder);
  if (parent !== folder && statSync(parent, { throwIfNoEntry: false }) === undefined) makeFolder(parent);
  try {
    mkdirSync(folder, 0o700);
  } catch (thrown) {
    // Another usc may have made it at the same instant.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw thrown;
  }
}

/** What lies at `path`, or undefined. Refuses what is no regular file, is another user's, or can be read by others. */
export function ownFile(path: string, noun: string): Stats | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isFile())
    throw new UscError("conflict", `The ${noun} ${path} is ${stats.isSymbolicLink() ? "a link" : "no regular file"}.`, {
      hint: "usc only opens a regular file of its own: move it away, or put the real file in its place.",
    });
  if (!hasOwners) return stats;
  if (stats.uid !== process.geteuid?.())
    throw new UscError("conflict", `The ${noun} ${path} belongs to another user.`, { hint: "Set USC_HOME to a folder of your own." });
  if (stats.mode & 0o077) throw new UscError("conflict", `Other users can read the ${noun} ${path}.`, { hint: `Run: chmod 600 ${path}` });
  return stats;
}

/** Creates an empty file with mode 0600 from its first instant, and makes its name durable. True if it was us who created it. */
export function createOwnFile(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw thrown;
  }
  closeSync(file);
  syncFolder(dirname(path));
  return true;
}

/** Until then a new or renamed file may be gone after a power cut. Windows knows no such call. */
export function syncFolder(folder: string): void {
  if (!hasOwners) return;
  const handle = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
