import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Verdict } from "../../features/audit/port.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { verify } from "./audit-verify.ts";
import { failureAt, isDamage } from "./failures.ts";
import { ownFile } from "./home.ts";
import { keyringOf, type Keyring } from "./keyring.ts";
import { checkLayout, readLayoutVersion } from "./layout.ts";
import type { MasterKeySource } from "./master-key.ts";
import { queryOf, type Query, type Row } from "./query.ts";

/** A whole copy of a store, that its master key opens. */
export interface StoredCopy {
  query: Query;
  /** One by one: there may be a million. */
  rows(sql: string): Iterable<Row>;
  keyring: Keyring;
  layout: number;
  audit: Verdict;
}

/** Looks at a copy, of which nothing changes meanwhile. Throws if it is none, or not whole, or if the key does not open it. */
export function readCopy<T>(file: string, source: MasterKeySource, look: (copy: StoredCopy) => T): T {
  requireWholeFile(file);
  const db = new DatabaseSync(file, { readOnly: true, defensive: true });
  try {
    db.exec("PRAGMA trusted_schema=OFF; BEGIN");
    return look(copyOf(db, file, source));
  } catch (thrown) {
    if (isDamage(thrown)) throw noCopy(file, "it is damaged");
    if (isCode(thrown, "conflict", "rekeyed")) throw otherKey(file);
    throw failureAt(file, thrown);
  } finally {
    db.close();
  }
}

function copyOf(db: DatabaseSync, file: string, source: MasterKeySource): StoredCopy {
  const query = queryOf(db);
  const layout = readLayoutVersion(query, file);
  checkLayout(query, file, layout);
  if (query("PRAGMA quick_check(1)")[0]?.["quick_check"] !== "ok") throw noCopy(file, "it is damaged");
  const keyring = keyringOf({ source, sealsPerKey: 0, later: () => {} });
  if (!keyring.opens(query)) throw noCopy(file, "its own keys are damaged");
  const none = { count: 0, last: 0, head: "", findings: [] };
  return { query, rows: (sql) => db.prepare(sql).iterate(), keyring, layout, audit: layout < 2 ? none : verify(query, keyring) };
}

const magic = "SQLite format 3\0";

// Before SQLite opens it: a live store's file is not the whole of it, and a cut one reads as fewer rows.
function requireWholeFile(file: string): void {
  if (!ownFile(file, "copy")) throw new UscError("not_found", `There is no file ${file}.`, { hint: "`usc state backup` makes one." });
  const head = Buffer.alloc(100);
  const handle = openSync(file, "r");
  try {
    readSync(handle, head, 0, head.length, 0);
    if (head.toString("latin1", 0, magic.length) !== magic) throw noCopy(file, "it is no database");
    // 2: with a log beside it.
    if (head[18] === 2) throw noCopy(file, "it is the file of a live store");
    const pageSize = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
    if (fstatSync(handle).size !== pageSize * head.readUInt32BE(28)) throw noCopy(file, "it was cut off, or something was added");
  } finally {
    closeSync(handle);
  }
}

const noCopy = (file: string, why: string): UscError =>
  new UscError("conflict", `${file} is no whole copy of a usc state: ${why}.`, {
    hint: "`usc state backup` makes one. Nothing was changed.",
  });

const otherKey = (file: string): UscError =>
  new UscError("conflict", `The master key does not open ${file}: it was sealed under another one.`, {
    hint: "--master-key-file names the key file of that time. Nothing was changed.",
  });
