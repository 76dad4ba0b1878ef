import { UscError } from "../../kernel/errors.ts";
import type { Query } from "./query.ts";

/** Raised with every change of the tables below. */
const layoutVersion = 1;

/**
 * records     what the product knows. `fold` is the key as a reader sees it: twins collide. `sealed` is a JSON map of field to base64
 * counters    the last number given under each name
 * data_keys   what sealed fields are sealed with; each wrapped by the master key; the last one is in use
 * master_key  how to recognise the master key without having it
 */
const tables = {
  records: `CREATE TABLE records (collection TEXT NOT NULL, key TEXT NOT NULL, fold TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL, sealed TEXT, PRIMARY KEY (collection, key), UNIQUE (collection, fold)) STRICT`,
  counters: `CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT`,
  data_keys: `CREATE TABLE data_keys (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, wrapped BLOB NOT NULL, uses INTEGER NOT NULL) STRICT`,
  master_key: `CREATE TABLE master_key (one INTEGER PRIMARY KEY CHECK (one = 1), proof BLOB NOT NULL) STRICT`,
} as const;

const expected = new Map<string, string | null>([
  ...Object.entries(tables).map(([name, sql]) => [`table ${name}`, sql] as const),
  ["index sqlite_autoindex_records_1", null],
  ["index sqlite_autoindex_records_2", null],
  ["index sqlite_autoindex_counters_1", null],
  ["index sqlite_autoindex_data_keys_1", null],
]);

/** 0 in a file that holds nothing yet. A store of a newer usc is refused before anything else touches it. */
export function readLayoutVersion(query: Query, path: string): number {
  const version = Number(query("PRAGMA user_version")[0]?.["user_version"]);
  if (version <= layoutVersion) return version;
  throw new UscError("conflict", `The store at ${path} has layout ${version}; this usc knows layouts up to ${layoutVersion}.`, {
    hint: "A newer usc wrote it: use that one, or set USC_HOME to another folder. Nothing was changed.",
  });
}

/** Anything in the schema that we did not put there could copy or change records behind our back. */
export function checkLayout(query: Query, path: string): void {
  // Views and triggers first: what acts by itself is the better name for what happened.
  const rows = query("SELECT type, name, sql FROM sqlite_schema ORDER BY type DESC");
  for (const row of rows) {
    const what = `${String(row["type"])} ${String(row["name"])}`;
    if (expected.get(what) !== row["sql"]) throw foreign(`the ${what}, which usc did not put there`, path);
  }
  if (rows.length !== expected.size) throw foreign("fewer tables than usc made", path);
}

export function createLayout(query: Query, path: string): void {
  const stranger = query("SELECT type, name FROM sqlite_schema LIMIT 1")[0];
  if (stranger) throw foreign(`the ${String(stranger["type"])} ${String(stranger["name"])}, which usc did not put there`, path);
  for (const sql of Object.values(tables)) query(sql);
  query(`PRAGMA user_version = ${layoutVersion}`);
}

function foreign(what: string, path: string): UscError {
  return new UscError("conflict", `The store at ${path} holds ${what}.`, {
    hint: "Somebody changed the database. Do not trust it: set USC_HOME to a backup or to an empty folder.",
  });
}
