import type { AuditBook, AuditFilter, AuditRow } from "../../features/audit/port.ts";
import type { Audit } from "../../kernel/audit.ts";
import { append } from "./audit-chain.ts";
import { prune } from "./audit-prune.ts";
import { rowsBefore, storedCells, type Cells } from "./audit-rows.ts";
import { verify } from "./audit-verify.ts";
import type { Database } from "./database.ts";
import type { Keyring } from "./keyring.ts";

const pageSize = 1000;

/** The audit in the store: rows are appended and, from the oldest on, pruned; none is ever changed. */
export function auditOf(database: Database, keyring: Keyring): Audit & AuditBook {
  return {
    intend: async (entry) => database.write((query) => append(query, keyring, { ...entry })),
    async close(intent, outcome) {
      database.write((query) => append(query, keyring, { intent, ...outcome }));
    },
    async note(entry, outcome) {
      database.jot((query) => append(query, keyring, { ...outcome, ...entry }));
    },
    pages: (filter) => pages(database, filter),
    verify: async () => database.read((query) => verify(query, keyring)),
    prune: (before) => prune(database, keyring, before),
  };
}

async function* pages(database: Database, { since, item, operation }: AuditFilter): AsyncGenerator<AuditRow[]> {
  const outcomes = new Map<number, Cells>();
  const asked = [since ?? "", item ?? null, item ?? null, operation ?? null, operation ?? null] as const;
  for (let last = Number.MAX_SAFE_INTEGER; ;) {
    const rows = database.read((query) => query(rowsBefore, last, ...asked, pageSize));
    const found: AuditRow[] = [];
    for (const row of rows) {
      const [id, cells] = [Number(row["id"]), storedCells(row)];
      if (typeof cells.intent === "number") outcomes.set(cells.intent, cells);
      else found.push(auditRow(id, cells, cells.outcome === null ? outcomes.get(id) : cells));
      outcomes.delete(id);
    }
    if (found.length > 0) yield found;
    if (rows.length < pageSize) return;
    last = Number(rows.at(-1)?.["id"]);
  }
}

function auditRow(id: number, entry: Cells, outcome: Cells | undefined): AuditRow {
  const { time, operation, caller } = entry;
  const texts = { item: entry.item, object: entry.object, to: entry.to, identity: outcome?.identity, request_id: outcome?.request_id };
  return {
    id,
    time: String(time),
    operation: String(operation),
    caller: String(caller),
    outcome: String(outcome?.outcome ?? "unknown"),
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => typeof text === "string")),
    ...(typeof outcome?.duration_ms === "number" ? { duration_ms: outcome.duration_ms } : {}),
  };
}
