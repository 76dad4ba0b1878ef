import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from "node:crypto";
import { UscError } from "../../kernel/errors.ts";
import { cellsOf, insertRow, type Cells } from "./audit-rows.ts";
import type { Keyring } from "./keyring.ts";
import type { Query } from "./query.ts";
import { parsedObject } from "./record.ts";

/** A row as its successor knows it. */
export interface Link {
  id: number;
  mac: Buffer;
}

/** The row before the first one (pruned, or the beginning of all) and the last one. */
export interface Ends {
  before: Link;
  last: Link;
}

export const beginning: Link = { id: 0, mac: Buffer.alloc(32) };

// An ordinary sealed record: `key rotate` seals it anew like any other, and the chain stays as it is.
const chainKey = ["audit", "/chain", "key"] as const;
export const auditCollection = chainKey[0];

/**
 * Appends rows, each with a MAC that covers all its cells and the MAC of the row before it. All of it happens in a transaction of the caller's. `above`:
 * a number that was given before; a number is never given twice on one machine, whatever is restored there.
 */
export function appendAll(query: Query, keyring: Keyring, rows: readonly Cells[], above = 0): Link[] {
  const known = findKey(query, keyring);
  const key = known ?? newKey(query, keyring);
  const ends = known ? readEnds(query, known) : { before: beginning, last: beginning };
  // Going on from anything but our own last row would hide what was done to it.
  if (!ends) throw damagedAudit();
  let { last } = ends;
  const links = rows.map((cells) => {
    const id = Math.max(last.id, above) + 1;
    last = { id, mac: macOf(key, last.mac, id, cells) };
    query(insertRow, id, ...cellsOf(cells), last.mac);
    return last;
  });
  writeEnds(query, key, { ...ends, last });
  return links;
}

export function append(query: Query, keyring: Keyring, cells: Cells, above = 0): Link {
  const [link] = appendAll(query, keyring, [cells], above);
  if (link === undefined) throw new TypeError("one row gives one link");
  return link;
}

/** Undefined if nothing was audited yet. */
export function findKey(query: Query, keyring: Keyring): KeyObject | undefined {
  const row = query("SELECT sealed FROM records WHERE collection = ? AND key = ?", chainKey[0], chainKey[1])[0];
  if (!row) {
    if (query("SELECT 1 FROM audit UNION ALL SELECT 1 FROM audit_ends LIMIT 1").length > 0) throw damagedAudit();
    return undefined;
  }
  const known = opened.get(keyring);
  if (known !== undefined && known.row === row["sealed"]) return known.key;
  const sealed = parsedObject(row["sealed"])?.get(chainKey[2]);
  const bytes = typeof sealed === "string" ? keyring.unseal(query, chainKey, sealed) : undefined;
  if (bytes === undefined) throw damagedAudit();
  const key = createSecretKey(bytes, "base64");
  opened.set(keyring, { row: row["sealed"], key });
  return key;
}

/** The chain's key, and the row that it was opened from. */
const opened = new WeakMap<Keyring, { row: unknown; key: KeyObject }>();

function newKey(query: Query, keyring: Keyring): KeyObject {
  const key = randomBytes(32);
  const sealed = JSON.stringify({ [chainKey[2]]: keyring.seal(query, chainKey, key.toString("base64")) });
  query(
    "INSERT INTO records (collection, key, fold, revision, body, sealed) VALUES (?, ?, ?, 1, '{}', ?)",
    chainKey[0],
    chainKey[1],
    chainKey[1],
    sealed,
  );
  const kept = createSecretKey(key);
  key.fill(0);
  return kept;
}

export function macOf(key: KeyObject, previous: Buffer, id: number, cells: Cells): Buffer {
  return createHmac("sha256", key)
    .update(previous)
    .update(joined(["row", id, ...cellsOf(cells)]))
    .digest();
}

/** Undefined if they are not there, or not as we wrote them: a cut tail would need the MAC of an earlier end. */
export function readEnds(query: Query, key: KeyObject): Ends | undefined {
  const row = query("SELECT before_id, before_mac, last_id, last_mac, proof FROM audit_ends")[0];
  if (!row) return undefined;
  const ends = {
    before: { id: Number(row["before_id"]), mac: blob(row["before_mac"]) },
    last: { id: Number(row["last_id"]), mac: blob(row["last_mac"]) },
  };
  return same(proofOf(key, ends), blob(row["proof"])) ? ends : undefined;
}

export function writeEnds(query: Query, key: KeyObject, ends: Ends): void {
  const { before, last } = ends;
  query(
    "INSERT OR REPLACE INTO audit_ends (one, before_id, before_mac, last_id, last_mac, proof) VALUES (1, ?, ?, ?, ?, ?)",
    before.id,
    before.mac,
    last.id,
    last.mac,
    proofOf(key, ends),
  );
}

function proofOf(key: KeyObject, { before, last }: Ends): Buffer {
  const parts = ["ends", before.id, before.mac.toString("hex"), last.id, last.mac.toString("hex")];
  return createHmac("sha256", key).update(joined(parts)).digest();
}

// Each part with its length in front, and nothing unlike the empty text: no two rows are one text.
function joined(parts: readonly (string | number | null)[]): string {
  return parts.map((part) => (part === null ? "-" : `${String(part).length}:${part}`)).join("");
}

export const same = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);

export const blob = (cell: unknown): Buffer => (cell instanceof Uint8Array ? Buffer.from(cell) : Buffer.alloc(0));

function damagedAudit(): UscError {
  return new UscError("conflict", "The audit is damaged: its key, or the record of its end, is not as usc wrote it.", {
    hint: "Keep a copy of the folder for whoever looks into it; set USC_HOME to an empty one, and `usc state restore` puts a backup into it.",
  });
}
