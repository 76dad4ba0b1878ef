import { existsSync } from "node:fs";
import type { Restored, RestoreOptions } from "../../features/state/port.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { auditCollection, findKey, readEnds } from "./audit-chain.ts";
import type { StoredAudit } from "./audit.ts";
import { discard } from "./copy.ts";
import type { Database } from "./database.ts";
import type { Keyring } from "./keyring.ts";
import type { Query, Row } from "./query.ts";
import { resealed } from "./record.ts";
import type { StoredCopy } from "./stored-copy.ts";

interface Live {
  database: Database;
  keyring: Keyring;
  audit: StoredAudit;
  /** Keeps what is committed in a new file of that name. */
  keep: (file: string) => void;
}

/**
 * Puts a copy's records in the place of those that stand, in one transaction: whoever has the store open sees them at his next look. They are sealed
 * anew on the way, so that the keys of this store stay, with how often each was used. No revision and no number is given twice: who read a
 * record before the restore cannot write it after.
 */
export function restore(live: Live, copy: StoredCopy, options: RestoreOptions): Restored {
  const { database, keyring } = live;
  const kept: { file?: string } = {};
  const restored = keptOnlyIfNeeded(kept, () => database.write((query) => put(query, live, copy, options, kept)));
  // The restore stands, whether or not the log can be emptied now.
  database.emptyLog();
  return { ...restored, audit_head: database.read((query) => endsOf(query, keyring)?.last.mac.toString("hex") ?? "") };
}

function keptOnlyIfNeeded<T>(kept: { file?: string }, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    // A disk that failed may have taken the commit all the same; one that is full has not.
    const isUnsure = isCode(thrown, "unavailable") && !isCode(thrown, "unavailable", "full");
    if (kept.file !== undefined && !isUnsure) discard(kept.file);
    throw thrown;
  }
}

function put(query: Query, live: Live, copy: StoredCopy, options: RestoreOptions, kept: { file?: string }): Omit<Restored, "audit_head"> {
  const { database, keyring, audit } = live;
  const holds = query("SELECT 1 FROM records WHERE collection <> ? LIMIT 1", auditCollection).length > 0;
  if (holds && !options.force)
    throw new UscError("conflict", "There is a state already, and it holds something.", {
      hint: "--force replaces it; it is kept in a file beside. Nothing was changed.",
    });
  const last = endsOf(query, keyring)?.last.id ?? 0;
  const continues = sameChain(query, keyring, copy);
  const audited = Number(query("SELECT count(*) AS count FROM audit")[0]?.["count"]) - audit.underWay();
  if (holds || (!continues && audited > 0)) {
    const file = freeName(`${database.path}.replaced-`, last);
    live.keep(file);
    kept.file = file;
  }
  const counts = putRecords(query, keyring, copy, [...options.without, ...(continues ? [auditCollection] : [])]);
  putCounters(query, copy);
  if (!continues) {
    putAudit(query, copy);
    audit.carry(query, last);
  }
  return { ...counts, audit: continues ? "continued" : "restored", ...present({ replaced_file: kept.file }) };
}

function freeName(before: string, number: number): string {
  return existsSync(`${before}${number}`) ? freeName(before, number + 1) : `${before}${number}`;
}

/** What this machine did since the copy was made it did: where its audit is the copy's, gone on, it goes on. */
function sameChain(query: Query, keyring: Keyring, copy: StoredCopy): boolean {
  if (copy.layout < 2) return true;
  const [own, other] = [findKey(query, keyring), findKey(copy.query, copy.keyring)];
  return other === undefined || own?.equals(other) === true;
}

function endsOf(query: Query, keyring: Keyring) {
  const key = findKey(query, keyring);
  return key && readEnds(query, key);
}

function putRecords(query: Query, keyring: Keyring, copy: StoredCopy, without: readonly string[]): { records: number; damaged: number } {
  const revision = 1 + Math.max(...[query, copy.query].map(mostRevised));
  const kept = query("SELECT collection, key, fold, body, sealed FROM records WHERE collection = ?", auditCollection);
  query("DELETE FROM records");
  let [records, damaged] = [0, 0];
  const insert = ({ collection, key, fold, body, sealed }: Row): void =>
    void query(
      "INSERT INTO records (collection, key, fold, revision, body, sealed) VALUES (?, ?, ?, ?, ?, ?)",
      collection ?? null,
      key ?? null,
      fold ?? null,
      revision,
      body ?? null,
      sealed ?? null,
    );
  if (without.includes(auditCollection)) kept.forEach(insert);
  for (const row of copy.rows("SELECT collection, key, fold, body, sealed FROM records")) {
    if (without.includes(String(row["collection"]))) continue;
    const sealed = row["sealed"] ?? null;
    const anew = sealed === null ? null : resealed(String(row["collection"]), String(row["key"]), sealed, copy, { query, keyring });
    // What the copy's own keys do not open stays the damaged record that it was.
    if (anew === undefined) damaged++;
    insert({ ...row, sealed: anew ?? sealed });
    if (row["collection"] !== auditCollection) records++;
  }
  return { records, damaged };
}

const mostRevised = (query: Query): number => Number(query("SELECT max(revision) AS most FROM records")[0]?.["most"] ?? 0);

function putCounters(query: Query, copy: StoredCopy): void {
  for (const { name, value } of copy.rows("SELECT name, value FROM counters"))
    query(
      "INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
      name ?? null,
      value ?? null,
    );
}

function putAudit(query: Query, copy: StoredCopy): void {
  for (const table of ["audit", "audit_ends"] as const) {
    query(deletions[table]);
    for (const row of copy.rows(selections[table])) query(insertions[table], ...Object.values(row));
  }
}

// Both stores have these tables of the very same layout.
const deletions = { audit: "DELETE FROM audit", audit_ends: "DELETE FROM audit_ends" };
const selections = { audit: "SELECT * FROM audit ORDER BY id", audit_ends: "SELECT * FROM audit_ends" };
const insertions = {
  audit: `INSERT INTO audit VALUES (${Array.from({ length: 13 }, () => "?").join(", ")})`,
  audit_ends: "INSERT INTO audit_ends VALUES (?, ?, ?, ?, ?, ?)",
};
