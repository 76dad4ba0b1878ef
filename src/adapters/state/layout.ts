import { UscError } from "../../kernel/errors.ts";
import type { Query } from "./query.ts";

/** Raised with every change of the tables below. */
export const layoutVersion = 2;

/**
 * records     what the product knows. `fold` is the key as a reader sees it: twins collide. `sealed` is a JSON map of field to base64
 * counters    the last number given under each name
 * data_keys   what sealed fields are sealed with; each wrapped by the master key; the last one is in use
 * master_key  how to recognise the master key without having it
 * audit       who did what. A row with an `intent` is the outcome of that row; `mac` chains it to the row before
 * audit_ends  where the chain begins and ends, so that what is cut off there is missed
 */
const tables: readonly { name: string; since: number; sql: string; indexes: readonly string[] }[] = [
  {
    name: "records",
    since: 1,
    sql: `CREATE TABLE records (collection TEXT NOT NULL, key TEXT NOT NULL, fold TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL, sealed TEXT, PRIMARY KEY (collection, key), UNIQUE (collection, fold)) STRICT`,
    indexes: ["sqlite_autoindex_records_1", "sqlite_autoindex_records_2"],
  },
  {
    name: "counters",
    since: 1,
    sql: `CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT`,
    indexes: ["sqlite_autoindex_counters_1"],
  },
  {
    name: "data_keys",
    since: 1,
    sql: `CREATE TABLE data_keys (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, wrapped BLOB NOT NULL, uses INTEGER NOT NULL) STRICT`,
    indexes: ["sqlite_autoindex_data_keys_1"],
  },
  {
    name: "master_key",
    since: 1,
    sql: `CREATE TABLE master_key (one INTEGER PRIMARY KEY CHECK (one = 1), proof BLOB NOT NULL) STRICT`,
    indexes: [],
  },
  {
    name: "audit",
    since: 2,
    sql: `CREATE TABLE audit (id INTEGER PRIMARY KEY, intent INTEGER, time TEXT NOT NULL, operation TEXT, item TEXT, object TEXT, "to" TEXT, caller TEXT, identity TEXT, outcome TEXT, duration_ms INTEGER, request_id TEXT, mac BLOB NOT NULL) STRICT`,
    indexes: [],
  },
  {
    name: "audit_ends",
    since: 2,
    sql: `CREATE TABLE audit_ends (one INTEGER PRIMARY KEY CHECK (one = 1), before_id INTEGER NOT NULL, before_mac BLOB NOT NULL, last_id INTEGER NOT NULL, last_mac BLOB NOT NULL, proof BLOB NOT NULL) STRICT`,
    indexes: [],
  },
];

const expectedIn = (version: number): Map<string, string | null> =>
  new Map(
    tables
      .filter(({ since }) => since <= version)
      .flatMap(({ name, sql, indexes }) => [[`table ${name}`, sql] as const, ...indexes.map((index) => [`index ${index}`, null] as const)]),
  );

/** 0 in a file that holds nothing yet. A store of a newer usc is refused before anything else touches it. */
export function readLayoutVersion(query: Query, path: string): number {
  const version = Number(query("PRAGMA user_version")[0]?.["user_version"]);
  if (version <= layoutVersion) return version;
  throw new UscError("conflict", `The store at ${path} has layout ${version}; this usc knows layouts up to ${layoutVersion}.`, {
    hint: "A newer usc wrote it: use that one, or set USC_HOME to another folder. Nothing was changed.",
  });
}

/** Checks a connection's layout at its first call, and after that only if the schema has changed. */
export function layoutCheck(query: Query, path: string): () => void {
  let checked: unknown;
  return () => {
    // Asked before the look: what changes in between is looked at by the next call.
    const version = query("PRAGMA schema_version")[0]?.["schema_version"];
    if (version === checked) return;
    checkLayout(query, path, layoutVersion);
    checked = version;
  };
}

/** Anything in the schema that we did not put there could copy or change records behind our back. */
export function checkLayout(query: Query, path: string, layout: number): void {
  const expected = expectedIn(layout);
  // Views and triggers first: what acts by itself is the better name for what happened.
  const rows = query("SELECT type, name, sql FROM sqlite_schema ORDER BY type DESC");
  for (const row of rows) {
    const what = `${String(row["type"])} ${String(row["name"])}`;
    if (expected.get(what) !== row["sql"]) throw foreign(`the ${what}, which usc did not put there`, path);
  }
  if (rows.length !== expected.size) throw foreign("fewer tables than usc made", path);
}

/** Makes the tables that a store of layout `from` (0: an empty file) has not yet. Nothing else of it changes. */
export function raiseLayout(query: Query, path: string, from: number): void {
  checkLayout(query, path, from);
  for (const { sql, since } of tables) if (since > from) query(sql);
  query(`PRAGMA user_version = ${layoutVersion}`);
}

function foreign(what: string, path: string): UscError {
  return new UscError("conflict", `The store at ${path} holds ${what}.`, {
    hint: "Somebody changed the database. Do not trust it: set USC_HOME to an empty folder, and `usc state restore` puts a backup into it.",
  });
}
