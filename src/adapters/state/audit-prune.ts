import { setImmediate } from "node:timers/promises";
import type { AuditBook, Finding } from "../../features/audit/port.ts";
import { findKey, readEnds, writeEnds } from "./audit-chain.ts";
import { rowsAfter } from "./audit-rows.ts";
import { walk } from "./audit-verify.ts";
import type { Database } from "./database.ts";
import type { Keyring } from "./keyring.ts";
import type { Query } from "./query.ts";
import type { Soon } from "./soon.ts";

/** Rows of one transaction: for some hundredths of a second nobody else writes. */
const slice = 2000;

/** Slice by slice, each whole. */
export async function prune(database: Database, soon: Soon, keyring: Keyring, before: string): ReturnType<AuditBook["prune"]> {
  for (let removed = 0; ;) {
    const { went, findings } = await soon.write((query) => pruneSlice(query, keyring, before));
    removed += went;
    if (went < slice) {
      const kept = database.read((query) => Number(query("SELECT count(*) AS rows FROM audit")[0]?.["rows"]));
      return { removed, kept, findings };
    }
    // A gateway answers others between two slices.
    await setImmediate();
  }
}

function pruneSlice(query: Query, keyring: Keyring, before: string): { went: number; findings: Finding[] } {
  const key = findKey(query, keyring);
  if (!key) return { went: 0, findings: [] };
  const ends = readEnds(query, key);
  if (!ends) return { went: 0, findings: [{ kind: "ends" }] };
  const oldest = query(rowsAfter, ends.before.id, ends.last.id, slice);
  // The chain has one beginning: a row that bears an earlier time behind a later one (the clock was set) stays.
  const firstKept = oldest.findIndex((row) => String(row["time"]) >= before);
  const going = firstKept === -1 ? oldest : oldest.slice(0, firstKept);
  // What shows that a row was changed would go with it. What is wrong with others still shows afterwards.
  const { findings, last } = walk(key, ends.before, going);
  if (findings.length > 0 || going.length === 0) return { went: 0, findings };
  query("DELETE FROM audit WHERE id > ? AND id <= ?", ends.before.id, last.id);
  writeEnds(query, key, { ...ends, before: last });
  return { went: going.length, findings };
}
