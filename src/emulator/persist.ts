import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, StartRefused } from "./start-refused.ts";

/** One JSON file in the data folder. */
export interface Shelf {
  load(): Promise<Record<string, unknown> | undefined>;
  /** Returns when what `snapshot` says has reached the disk. Saves that arrive meanwhile share the next write. */
  save(snapshot: () => object): Promise<void>;
  /** Returns when nothing is being written any more. */
  settled(): Promise<void>;
}

export function openShelf(folder: string): Shelf {
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
        if (codeOf(error) === "ENOENT") return undefined;
        throw new StartRefused("unusable", `The file ${path} cannot be read.`, "Give --data-dir an empty folder.");
      }
    },
    save,
    async settled() {
      await Promise.allSettled([running, next]);
    },
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
