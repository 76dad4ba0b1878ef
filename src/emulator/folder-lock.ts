import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartRefused } from "./start-refused.ts";

/**
 * Holds SQLite's exclusive lock on an empty database, so the kernel's on a file: it goes with the process, however that ends, and
 * no process id that was given out again can be mistaken for its owner. Two in one process exclude each other as well.
 */
export function lock(folder: string): () => void {
  const path = join(folder, "lock");
  closeSync(openSync(path, "a", 0o600));
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw error;
    throw new StartRefused(
      "in use",
      `Another local Azure is running on the data folder ${folder}.`,
      "Stop it, or give --data-dir another folder.",
    );
  }
  return () => database.close();
}

// SQLITE_BUSY.
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}
