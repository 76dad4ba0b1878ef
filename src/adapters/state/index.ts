import { join } from "node:path";
import type { StateKeeper } from "../../features/state/port.ts";
import { plainly, type Shape } from "../../kernel/shape.ts";
import type { Change, Store } from "../../kernel/store.ts";
import { auditOf, type StoredAudit } from "./audit.ts";
import { collectionOf } from "./collection.ts";
import { type Database, type Life, openDatabase } from "./database.ts";
import { keyringOf } from "./keyring.ts";
import { forgetful, type Recall, recallOf } from "./recall.ts";
import { soonOf } from "./soon.ts";
import { requireSafeSqlite } from "./sqlite-version.ts";
import { applyWrite, type Write } from "./writes.ts";

export interface StateOptions {
  /** $USC_HOME, absolute. */
  home: string;
  /** USC_MASTER_KEY: 32 bytes as base64 or as 64 hex digits. */
  masterKey?: string | undefined;
  /** What kinds of records declare, by name: these are read without Zod. */
  shapes?: Readonly<Record<string, Shape>> | undefined;
  /** A process that does many things at once remembers what it read, and writes notes of the audit together (default: short). */
  life?: Life | undefined;
}

export interface StateStore extends Store, StateKeeper {
  readonly audit: StoredAudit;
  readonly path: string;
}

export interface Bounds {
  /** How often one data key seals before the next takes over. */
  sealsPerKey: number;
  /** Milliseconds that a write waits for another process's. */
  lockTimeout: number;
  /** And the audit's row of a read, for which nobody should have to wait. */
  noteTimeout: number;
}

// 2^31 random nonces of 96 bits under one key: the odds of two alike are still below 2^-34.
const usual: Bounds = { sealsPerKey: 2 ** 31, lockTimeout: 10_000, noteTimeout: 2000 };

/** Opens (first run: creates) the store. Cheap: the first sealed read unwraps the key. Throws UscError. */
export function openStore(options: StateOptions, bounds: Partial<Bounds> = {}): StateStore {
  requireSafeSqlite(process.versions["sqlite"]);
  const { sealsPerKey, lockTimeout, noteTimeout: most } = { ...usual, ...bounds };
  const noteTimeout = Math.min(lockTimeout, most);
  const { life = "short" } = options;
  const database = openDatabase(options.home, lockTimeout, noteTimeout);
  const soon = soonOf(database, life, { lockTimeout, noteTimeout });
  const source = { variable: options.masterKey, file: join(options.home, "master.key") };
  const keyring = keyringOf({ source, sealsPerKey, later: database.later });
  const audit = auditOf(database, soon, keyring, life);
  const recall = life === "long" ? remembering(database) : forgetful;
  // Most calls have no use for it.
  const keeper = async (): Promise<StateKeeper> => (await import("./keeper.ts")).keeperOf({ database, keyring, source, audit });
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
    collection: (kind) =>
      collectionOf({ kind, keyring, isPlain: plainly(options.shapes?.[kind.name] ?? "unknown") }, database, recall, planned),
    async commit(changes) {
      const pending = changes.map(writeOf);
      if (pending.length === 0) return;
      const removed = await soon.write((query) => pending.map((write) => applyWrite(query, keyring, write)));
      // The commit stands, whether or not the log can be emptied now.
      if (removed.includes(true)) await soon.emptyLog();
    },
    async nextId(name) {
      const rows = await soon.write((query) =>
        query("INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value", name),
      );
      return Number(rows[0]?.["value"]);
    },
    rotateKey: async (rotation) => (await keeper()).rotateKey(rotation),
    backup: async (file) => (await keeper()).backup(file),
    restore: async (file, how) => (await keeper()).restore(file, how),
    audit,
  };
}

function remembering({ version, onWrite }: Database): Recall {
  const { recall, forget } = recallOf(version);
  onWrite(forget);
  return recall;
}
