import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The tables of layout 1, as the usc of that time made them. */
const layout1 = `
CREATE TABLE records (collection TEXT NOT NULL, key TEXT NOT NULL, fold TEXT NOT NULL, revision INTEGER NOT NULL, body TEXT NOT NULL, sealed TEXT, PRIMARY KEY (collection, key), UNIQUE (collection, fold)) STRICT;
CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE data_keys (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, wrapped BLOB NOT NULL, uses INTEGER NOT NULL) STRICT;
CREATE TABLE master_key (one INTEGER PRIMARY KEY CHECK (one = 1), proof BLOB NOT NULL) STRICT;
PRAGMA user_version = 1`;

/** A home of that layout with the open notice /n in it. */
export function homeOfLayout1(home: string): void {
  mkdirSync(home, 0o700);
  const path = join(home, "usc.db");
  writeFileSync(path, "", { mode: 0o600 });
  const db = new DatabaseSync(path);
  db.exec(
    `PRAGMA journal_mode=WAL; BEGIN; ${layout1}; INSERT INTO records VALUES ('notices', '/n', '/n', 3, '{"text":"old"}', NULL); COMMIT`,
  );
  db.close();
}
