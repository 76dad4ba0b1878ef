import type { KeyObject } from "node:crypto";
import type { Finding, Verdict } from "../../features/audit/port.ts";
import { beginning, blob, findKey, macOf, readEnds, same, type Ends, type Link } from "./audit-chain.ts";
import { rowsAfter, rowsOutside, storedCells } from "./audit-rows.ts";
import type { Keyring } from "./keyring.ts";
import type { Query, Row } from "./query.ts";

const pageSize = 1000;

/** Walks the chain from its beginning to its end. All of it happens in a transaction of the caller's, so that nobody appends meanwhile. */
export function verify(query: Query, keyring: Keyring): Verdict {
  const key = findKey(query, keyring);
  if (!key) return { count: 0, last: 0, head: beginning.mac.toString("hex"), findings: [] };
  const ends = readEnds(query, key);
  if (!ends) return { count: 0, last: 0, head: beginning.mac.toString("hex"), findings: [{ kind: "ends" }] };
  const { findings, count, last } = walk(key, ends.before, rows(query, ends));
  findings.push(...atTheEnd(ends.last, last, findings), ...outside(query, ends));
  return { count, last: last.id, head: last.mac.toString("hex"), findings };
}

/** Holds rows against the chain, from the link before the first of them. `last`: the link of the last one. */
export function walk(key: KeyObject, before: Link, found: Iterable<Row>): { findings: Finding[]; count: number; last: Link } {
  const findings: Finding[] = [];
  let last = before;
  let count = 0;
  for (const row of found) {
    const id = Number(row["id"]);
    const mac = blob(row["mac"]);
    // Numbers may leap; what covers the MAC of the row before has nothing between.
    const follows = same(mac, macOf(key, last.mac, id, storedCells(row)));
    if (!follows && id > last.id + 1) findings.push({ kind: "missing", from: last.id + 1, to: id - 1 });
    else if (!follows) findings.push({ kind: "changed", id });
    last = { id, mac };
    count++;
  }
  return { findings, count, last };
}

function atTheEnd(last: Link, found: Link, findings: readonly Finding[]): Finding[] {
  if (found.id < last.id) return [{ kind: "missing", from: found.id + 1, to: last.id }];
  const isKnown = findings.some((finding) => finding.kind === "changed" && finding.id === last.id);
  return isKnown || same(found.mac, last.mac) ? [] : [{ kind: "changed", id: last.id }];
}

function outside(query: Query, { before, last }: Ends): Finding[] {
  const found = query(rowsOutside, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, before.id, last.id);
  return found.map((row) => ({ kind: "changed", id: Number(row["id"]) }));
}

function* rows(query: Query, { before, last }: Ends): Generator<Row> {
  for (let read = before.id; ;) {
    const page = query(rowsAfter, read, last.id, pageSize);
    yield* page;
    if (page.length < pageSize) return;
    read = Number(page.at(-1)?.["id"]);
  }
}
