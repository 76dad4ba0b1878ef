import { statSync } from "node:fs";
import { join } from "node:path";
import { isCode } from "../../kernel/errors.ts";
import { connect, transaction, type Connection } from "./connection.ts";
import { damagedStore, inOurWords, isBusy } from "./failures.ts";
import { closeEmptyFolder, createOwnFile, ownFile, prepareHome } from "./home.ts";
import type { Query } from "./query.ts";

/** Milliseconds in which an open is tried again. */
const patience = 10_000;

/** Bytes of log, 256 pages of it, from which on it is emptied. */
const longLog = 256 * 4120;

/** Of the process: whether it does one thing, or many at once. */
export type Life = "short" | "long";

export interface Database {
  readonly path: string;
  /** Unlike after any commit of another process. */
  version(): unknown;
  /** Calls `act` after any commit of this process but a jotting. */
  onWrite(act: () => void): void;
  /** One consistent look at what is committed. */
  read<T>(look: (query: Query) => T): T;
  /** All of it or nothing, durable when it returns. Nobody else writes meanwhile. `wait`: milliseconds for another process's lock. */
  write<T>(act: (query: Query) => T, wait?: number): T;
  /** As `write`, for what nobody has to wait for: a power cut may take the last ones, and a lock that is held long makes it fail sooner. */
  jot<T>(act: (query: Query) => T, wait?: number): T;
  /** Done once the transaction that is under way is committed; not at all if it is not. */
  later(act: () => void): void;
  /** Empties the write-ahead log, so that nothing overwritten or deleted stays readable in it. `held`: somebody still reads from it. `failed`: the disk is full. */
  emptyLog(wait?: number): "emptied" | "held" | "failed";
  /** Throws if the file itself is damaged. Reads all of it. */
  checkFile(): void;
}

/**
 * `timeout`, `jotTimeout`: how long a write, and a jotting, waits if nothing else is said. The connection is never closed: closing costs four fsyncs, and the log is as
 * durable as the database.
 */
export function openDatabase(home: string, timeout: number, jotTimeout: number): Database {
  const path = join(home, "usc.db");
  return inOurWords(path, () => {
    prepareHome(home);
    if (ownFile(path, "database") === undefined) {
      closeEmptyFolder(home);
      createOwnFile(path);
    }
    const log = ownFile(`${path}-wal`, "log");
    ownFile(`${path}-shm`, "log index");
    const connection = whileBusy(() => connect(path, log?.size ?? 0, timeout));
    const database = databaseOf(path, connection, timeout, jotTimeout);
    if (log === undefined || log.size === 0) checkLength(database);
    return database;
  });
}

function databaseOf(path: string, { db, query, checkLayout }: Connection, timeout: number, jotTimeout: number): Database {
  let mode = "";
  const turnTo = (synchronous: "FULL" | "NORMAL", wait: number): void => {
    const next = `PRAGMA synchronous=${synchronous}; PRAGMA busy_timeout=${wait}`;
    if (next !== mode) db.exec(next);
    mode = next;
  };
  let written = (): void => {};
  const after: (() => void)[] = [];
  const committed = <T>(begin: "BEGIN" | "BEGIN IMMEDIATE", act: () => T): T => {
    const result = whileRekeyed(() => {
      after.length = 0;
      return transaction(db, begin, act);
    });
    for (const each of after.splice(0)) each();
    return result;
  };
  const emptyLog = (wait: number): "emptied" | "held" => {
    turnTo("FULL", wait);
    return query("PRAGMA wal_checkpoint(TRUNCATE)")[0]?.["busy"] === 0 ? "emptied" : "held";
  };
  // A process that opens the store alone reads the whole log again, and takes none of it for copied already: SQLite's own checkpoints would copy
  // it anew with every commit, and never begin it anew.
  const shortenLog = (): void => {
    if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) < longLog) return;
    try {
      emptyLog(0);
    } catch {
      // What was committed stands. The next one tries again.
    }
  };
  const write = <T>(act: (query: Query) => T): T =>
    inOurWords(path, () => {
      const result = committed("BEGIN IMMEDIATE", () => {
        checkLayout();
        return act(query);
      });
      shortenLog();
      return result;
    });
  // Who looks waits for a moment of others' alone: the log is being put right, or begun anew.
  const patient = <T>(look: () => T): T =>
    inOurWords(path, () => {
      try {
        return look();
      } catch (thrown) {
        if (!isBusy(thrown)) throw thrown;
        turnTo("FULL", timeout);
        return look();
      }
    });
  return {
    path,
    version: () => patient(() => query("PRAGMA data_version")[0]?.["data_version"]),
    onWrite: (act) => void (written = act),
    read: (look) => patient(() => committed("BEGIN", () => look(query))),
    write(act, wait = timeout) {
      turnTo("FULL", wait);
      try {
        return write(act);
      } finally {
        written();
      }
    },
    jot(act, wait = jotTimeout) {
      turnTo("NORMAL", wait);
      return write(act);
    },
    later: (act) => void after.push(act),
    emptyLog(wait = timeout) {
      try {
        return inOurWords(path, () => emptyLog(wait));
      } catch (thrown) {
        // What was committed stands.
        if (isCode(thrown, "unavailable")) return isCode(thrown, "unavailable", "busy") ? "held" : "failed";
        throw thrown;
      }
    },
    checkFile: () =>
      patient(() => {
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

// The store has a new master key a moment before the key file has it, and an older look at the store lasts longer than the old file. Keys come first
// in what a transaction does, so that nothing outside it has happened yet and it can begin once more: then store and file agree.
function whileRekeyed<T>(act: () => T): T {
  for (let left = 5; ; left--) {
    try {
      return act();
    } catch (thrown) {
      if (left === 0 || !isCode(thrown, "conflict", "rekeyed")) throw thrown;
    }
  }
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
