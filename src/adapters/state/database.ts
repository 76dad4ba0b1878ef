import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { damagedStore, inOurWords, isBusy, isReadOnly } from "./failures.ts";
import { closeEmptyFolder, createOwnFile, ownFile, prepareHome } from "./home.ts";
import { checkLayout, layoutVersion, raiseLayout, readLayoutVersion } from "./layout.ts";
import { queryOf, type Query } from "./query.ts";

/** Milliseconds in which an open is tried again. */
const patience = 10_000;

/** Milliseconds for which a jotting waits for another process's lock. */
const shortPatience = 2000;

export interface Database {
  readonly path: string;
  /** One consistent look at what is committed. */
  read<T>(look: (query: Query) => T): T;
  /** All of it or nothing, durable when it returns. Nobody else writes meanwhile. */
  write<T>(act: (query: Query) => T): T;
  /** As `write`, for what nobody has to wait for: a power cut may take the last ones, and a lock that is held long makes it fail sooner. */
  jot<T>(act: (query: Query) => T): T;
  /** Empties the write-ahead log, so that nothing overwritten or deleted stays readable in it. False if somebody still reads from it. */
  emptyLog(): boolean;
  /** Throws if the file itself is damaged. Reads all of it. */
  checkFile(): void;
}

/**
 * `timeout`: milliseconds to wait for another process's lock. The connection is never closed: closing costs four fsyncs, and the log is as
 * durable as the database.
 */
export function openDatabase(home: string, timeout: number): Database {
  const path = join(home, "usc.db");
  return inOurWords(path, () => {
    prepareHome(home);
    if (ownFile(path, "database") === undefined) {
      closeEmptyFolder(home);
      createOwnFile(path);
    }
    const log = ownFile(`${path}-wal`, "log");
    ownFile(`${path}-shm`, "log index");
    const database = databaseOf(
      path,
      whileBusy(() => connect(path, log?.size ?? 0, timeout)),
      timeout,
    );
    if (log === undefined || log.size === 0) checkLength(database);
    return database;
  });
}

function databaseOf(path: string, db: DatabaseSync, timeout: number): Database {
  const query = queryOf(db);
  const write = <T>(act: (query: Query) => T): T =>
    inOurWords(path, () =>
      transaction(db, "BEGIN IMMEDIATE", () => {
        checkLayout(query, path);
        return act(query);
      }),
    );
  return {
    path,
    read: (look) => inOurWords(path, () => transaction(db, "BEGIN", () => look(query))),
    write,
    jot(act) {
      db.exec(`PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=${Math.min(timeout, shortPatience)}`);
      try {
        return write(act);
      } finally {
        db.exec(`PRAGMA synchronous=FULL; PRAGMA busy_timeout=${timeout}`);
      }
    },
    emptyLog: () => inOurWords(path, () => query("PRAGMA wal_checkpoint(TRUNCATE)")[0]?.["busy"] === 0),
    checkFile: () =>
      inOurWords(path, () => {
        if (query("PRAGMA quick_check(1)")[0]?.["quick_check"] !== "ok") throw damagedStore(path);
      }),
  };
}

// With an empty log the file must be as long as its header says. A cut file reads as fewer or emptied rows, without any error of SQLite's.
function checkLength(database: Database): void {
  const length = database.read((query) => {
    const pages = Number(query("PRAGMA page_count")[0]?.["page_count"]);
    return pages * Number(query("PRAGMA page_size")[0]?.["page_size"]);
  });
  if (statSync(database.path).size < length) database.checkFile();
}

function connect(path: string, logSize: number, timeout: number): DatabaseSync {
  const options = { timeout, defensive: true };
  const db = new DatabaseSync(path, options);
  try {
    configure(db, path);
    return db;
  } catch (thrown) {
    db.close();
    // In a read-only folder SQLite cannot even make the log's index. If the log is empty the file alone is the whole truth.
    if (!isReadOnly(thrown) || logSize > 0) throw thrown;
    const address = pathToFileURL(path);
    address.searchParams.set("immutable", "1");
    const frozen = new DatabaseSync(address, { ...options, readOnly: true });
    const query = queryOf(frozen);
    if (readLayoutVersion(query, path) < layoutVersion) throw thrown;
    checkLayout(query, path);
    return frozen;
  }
}

function configure(db: DatabaseSync, path: string): void {
  const query = queryOf(db);
  const version = readLayoutVersion(query, path);
  // Each of these holds for this connection only, so it is said at every open.
  db.exec("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF; PRAGMA wal_autocheckpoint=100");
  if (version === 0) db.exec("PRAGMA journal_mode=WAL");
  if (version < layoutVersion)
    transaction(db, "BEGIN IMMEDIATE", () => {
      const found = readLayoutVersion(query, path);
      if (found < layoutVersion) raiseLayout(query, path, found);
    });
  checkLayout(query, path);
}

// SQLite's own timeout does not cover the switch to WAL: the first of many processes that start at once can fail at once.
function whileBusy<T>(act: () => T): T {
  // Not performance.now(): its first use loads a module for 1 ms.
  const end = Date.now() + patience;
  for (;;) {
    try {
      return act();
    } catch (thrown) {
      if (!isBusy(thrown) || Date.now() > end) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function transaction<T>(db: DatabaseSync, begin: "BEGIN" | "BEGIN IMMEDIATE", act: () => T): T {
  db.exec(begin);
  try {
    const result = act();
    db.exec("COMMIT");
    return result;
  } catch (thrown) {
    // A full disk has rolled back already. Whatever a rollback says must not hide why it was needed.
    try {
      if (db.isTransaction) db.exec("ROLLBACK");
    } catch {}
    throw thrown;
  }
}
