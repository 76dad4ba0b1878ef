import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { isReadOnly } from "./failures.ts";
import { layoutCheck, layoutVersion, raiseLayout, readLayoutVersion } from "./layout.ts";
import { queryOf, type Query } from "./query.ts";

export interface Connection {
  db: DatabaseSync;
  query: Query;
  /** Throws if the layout is not ours any more. */
  checkLayout: () => void;
}

function connectionOf(db: DatabaseSync, path: string): Connection {
  const query = queryOf(db);
  return { db, query, checkLayout: layoutCheck(query, path) };
}

/** `logSize`: bytes of the write-ahead log; `timeout`: milliseconds to wait for another process's lock. Makes or raises the layout. */
export function connect(path: string, logSize: number, timeout: number): Connection {
  const options = { timeout, defensive: true };
  const db = new DatabaseSync(path, options);
  try {
    const connection = connectionOf(db, path);
    configure(connection, path);
    return connection;
  } catch (thrown) {
    db.close();
    // In a read-only folder SQLite cannot even make the log's index. If the log is empty the file alone is the whole truth.
    if (!isReadOnly(thrown) || logSize > 0) throw thrown;
    const address = pathToFileURL(path);
    address.searchParams.set("immutable", "1");
    const frozen = connectionOf(new DatabaseSync(address, { ...options, readOnly: true }), path);
    if (readLayoutVersion(frozen.query, path) < layoutVersion) throw thrown;
    frozen.checkLayout();
    return frozen;
  }
}

function configure({ db, query, checkLayout }: Connection, path: string): void {
  const version = readLayoutVersion(query, path);
  // Each of these holds for this connection only, so it is said at every open.
  db.exec("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF; PRAGMA wal_autocheckpoint=0");
  if (version === 0) db.exec("PRAGMA journal_mode=WAL");
  if (version < layoutVersion)
    transaction(db, "BEGIN IMMEDIATE", () => {
      const found = readLayoutVersion(query, path);
      if (found < layoutVersion) raiseLayout(query, path, found);
    });
  checkLayout();
}

export function transaction<T>(db: DatabaseSync, begin: "BEGIN" | "BEGIN IMMEDIATE", act: () => T): T {
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
