import type { AuditBook, AuditFilter, AuditRow } from "../../features/audit/port.ts";
import type { Audit, Entry, Outcome } from "../../kernel/audit.ts";
import { append, appendAll, blob, same, type Link } from "./audit-chain.ts";
import { rowsBefore, storedCells, type Cells } from "./audit-rows.ts";
import type { Database, Life } from "./database.ts";
import { inGroups } from "./in-groups.ts";
import type { Keyring } from "./keyring.ts";
import type { Query } from "./query.ts";
import type { Soon } from "./soon.ts";

const pageSize = 1000;

/** What this process has begun and not yet closed. */
interface Begun {
  entry: Entry;
  row: Link;
}

export interface StoredAudit extends Audit, AuditBook {
  /** After a restore, and within its transaction: what this process has begun is told in the audit that stands now. */
  carry(query: Query, above: number): void;
  /** How many rows of the audit are of what this process has begun and not yet closed. */
  underWay(): number;
}

/** The audit in the store: rows are appended and, from the oldest on, pruned; none is ever changed. */
export function auditOf(database: Database, soon: Soon, keyring: Keyring, life: Life): StoredAudit {
  const begun = new Map<number, Begun>();

  // Where a restore has put another audit in its place, the outcome brings its entry with it.
  const outcomeOf = (query: Query, intent: number, outcome: Outcome): Cells => {
    const { entry, row } = begun.get(intent) ?? {};
    if (!entry || !row) return { intent, ...outcome };
    const found = query("SELECT mac FROM audit WHERE id = ?", row.id)[0];
    return found && same(blob(found["mac"]), row.mac) ? { intent: row.id, ...outcome } : { ...outcome, ...entry };
  };

  const noteAll = (rows: readonly Cells[]): Promise<void> => soon.jot((query) => void appendAll(query, keyring, rows));
  const note = life === "long" ? inGroups(noteAll) : (row: Cells) => noteAll([row]);

  return {
    async intend(entry) {
      const row = await soon.write((query) => append(query, keyring, { ...entry }));
      begun.set(row.id, { entry, row });
      return row.id;
    },
    async close(intent, outcome) {
      try {
        await soon.write((query) => append(query, keyring, outcomeOf(query, intent, outcome)));
      } finally {
        begun.delete(intent);
      }
    },
    underWay: () => begun.size,
    carry(query, above) {
      for (const [intent, { entry }] of begun) {
        const row = append(query, keyring, { ...entry }, above);
        database.later(() => void begun.set(intent, { entry, row }));
      }
    },
    note: (entry, outcome) => note({ ...outcome, ...entry }),
    pages: (filter) => pages(database, filter),
    async verify() {
      const { verify } = await import("./audit-verify.ts");
      return database.read((query) => verify(query, keyring));
    },
    prune: async (before) => (await import("./audit-prune.ts")).prune(database, soon, keyring, before),
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
