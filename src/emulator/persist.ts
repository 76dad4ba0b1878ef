import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

/** One JSON file in a folder of the user's own. */
export interface Shelf {
  load(): Promise<Record<string, unknown> | undefined>;
  /** Returns when what `snapshot` says has reached the disk. Saves that arrive meanwhile share the next write. */
  save(snapshot: () => object): Promise<void>;
}

export async function openShelf(folder: string): Promise<Shelf> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const path = join(folder, "emulator.json");
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const save = (snapshot: () => object): Promise<void> => {
    if (running === undefined) {
      running = writeAtomically(path, () => JSON.stringify(snapshot())).finally(() => {
        running = undefined;
      });
      return running;
    }
    next ??= (async () => {
      await Promise.allSettled([running]);
      next = undefined;
      await save(snapshot);
    })();
    return next;
  };

  return {
    async load() {
      try {
        const value: unknown = JSON.parse(await readFile(path, "utf8"));
        return typeof value === "object" && value !== null ? { ...value } : undefined;
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    save,
  };
}

/** 0600 from the first byte, and never half a file under the name. */
export async function writeAtomically(path: string, text: () => string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(text());
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
