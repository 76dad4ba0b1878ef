import { join } from "node:path";
import type { Change, Store } from "../../kernel/store.ts";
import { collectionOf } from "./collection.ts";
import { openDatabase } from "./database.ts";
import { keyringOf } from "./keyring.ts";
import { rotateKey } from "./rotate-key.ts";
import { requireSafeSqlite } from "./sqlite-version.ts";
import { applyWrite, type Write } from "./writes.ts";

export interface StateOptions {
  /** $USC_HOME, absolute. */
  home: string;
  /** USC_MASTER_KEY: 32 bytes as base64 or as 64 hex digits. */
  masterKey?: string | undefined;
}

export interface StateStore extends Store {
  /** Seals all records anew under a new data key; nothing on the disk bears the old one afterwards. */
  rotateKey(): Promise<{ key_id: string; resealed: number }>;
  readonly path: string;
}

/** How often one data key seals before the next takes over: far below what a random 96-bit nonce allows. */
const sealsPerKey = 2 ** 31;

/** Opens (first run: creates) the store. Cheap: the first sealed read unwraps the key. Throws UscError. */
export function openStore(options: StateOptions, bound: number = sealsPerKey): StateStore {
  requireSafeSqlite(process.versions["sqlite"]);
  const database = openDatabase(options.home);
  const keyring = keyringOf({ variable: options.masterKey, file: join(options.home, "master.key") }, bound);
  const writes = new WeakMap<Change, Write>();

  function planned(write: Write): Change {
    const made: Change = { collection: write.collection, key: write.key };
    writes.set(made, write);
    return made;
  }

  function writeOf(made: Change): Write {
    const write = writes.get(made);
    if (!write) throw new TypeError("a change of another store");
    return write;
  }

  return {
    path: database.path,
    collection: (kind) => collectionOf(kind, database, keyring, planned),
    async commit(changes) {
      const pending = changes.map(writeOf);
      if (pending.length === 0) return;
      const removed = database.write((query) => pending.map((write) => applyWrite(query, keyring, write)));
      // The commit stands, whether or not a reader keeps the log from being emptied now.
      if (removed.includes(true)) database.emptyLog();
    },
    async nextId(name) {
      const rows = database.write((query) =>
        query("INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value", name),
      );
      return Number(rows[0]?.["value"]);
    },
    rotateKey: async () => rotateKey(database, keyring),
  };
}
