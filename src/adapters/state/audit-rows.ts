import type { Row } from "./query.ts";

/** The columns that a row's MAC covers, in its order. */
const columns = [
  "intent",
  "time",
  "operation",
  "item",
  "object",
  "to",
  "caller",
  "identity",
  "outcome",
  "duration_ms",
  "request_id",
] as const;

export type Cells = { [column in (typeof columns)[number]]?: string | number | null | undefined };

export const cellsOf = (row: Cells): (string | number | null)[] => columns.map((column) => row[column] ?? null);

// A number that somebody made too big for JavaScript would end the reading with an error that names no row.
const read = columns.map((column) =>
  column === "intent" || column === "duration_ms" ? `min(${column}, ${2 ** 53 - 1}) AS ${column}` : `"${column}"`,
);

export const insertRow = `INSERT INTO audit (id, ${columns.map((column) => `"${column}"`).join(", ")}, mac) VALUES (?, ${columns.map(() => "?").join(", ")}, ?)`;

/** Values: the last id read, the last one asked for, how many. */
export const rowsAfter = `SELECT id, ${read.join(", ")}, mac FROM audit WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`;

/** Values: twice the greatest number, then the id before the first row of the chain and the id of its last. */
export const rowsOutside = "SELECT max(min(id, ?), -?) AS id FROM audit WHERE id <= ? OR id > ? ORDER BY id LIMIT 100";

/** Values: the last id read, since, item twice, operation twice, how many. Outcomes come unasked: their intents follow. */
export const rowsBefore = `SELECT id, ${read.join(", ")} FROM audit WHERE id > 0 AND id < ? AND time >= ? AND (intent IS NOT NULL OR ((? IS NULL OR item = ?) AND (? IS NULL OR operation = ?))) ORDER BY id DESC LIMIT ?`;

export function storedCells(row: Row): Cells {
  const cells = columns.map((column) => {
    const cell = row[column];
    return [column, typeof cell === "string" || typeof cell === "number" ? cell : null] as const;
  });
  return Object.fromEntries(cells);
}
