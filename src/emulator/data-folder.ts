import { chmod, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { openShelf, type Shelf } from "./persist.ts";
import { codeOf, StartRefused } from "./start-refused.ts";

/** Where one local Azure keeps its files: a folder that it was given, or one of its own that goes with it. */
export interface DataFolder {
  path: string;
  /** Only a given folder remembers. */
  shelf: Shelf | undefined;
  close(): Promise<void>;
}

export async function openDataFolder(given: string | undefined): Promise<DataFolder> {
  if (given === undefined) {
    const path = await mkdtemp(join(tmpdir(), "usc-emulator-")).catch((error: unknown): never => {
      throw new StartRefused(
        "unusable",
        `No folder can be made in ${tmpdir()} (${codeOf(error) ?? "unknown"}).`,
        "Set TMPDIR to a folder of yours.",
      );
    });
    return { path, shelf: undefined, close: () => rm(path, { recursive: true, force: true }) };
  }
  try {
    await makeFolder(resolve(given));
    await chmod(given, 0o700);
    // Loaded here, since only a data folder needs SQLite.
    const { lock } = await import("./folder-lock.ts");
    const unlock = lock(given);
    const shelf = openShelf(given);
    const close = async (): Promise<void> => {
      await shelf.settled();
      unlock();
    };
    return { path: given, shelf, close };
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw new StartRefused("unusable", `The data folder ${given} cannot be used (${codeOf(error) ?? "unknown"}).`);
  }
}

// Not mkdir's own recursion: where a file system answers ENOENT for ever (/proc does) it never ends.
async function makeFolder(folder: string): Promise<void> {
  if (await isThere(folder)) return;
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== "EEXIST") throw error;
  });
}

const isThere = (folder: string): Promise<boolean> =>
  stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
