import { isRecord } from "../../kernel/is-record.ts";
import { safeLine } from "../../kernel/printable.ts";

/** Rows for a list, else one line a field. */
export function table(answer: Record<string, unknown>): string {
  const list = Object.values(answer).find((value): value is Record<string, unknown>[] => Array.isArray(value) && value.every(isRecord));
  if (list === undefined)
    return lines(
      Object.entries(answer)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [key, cell(value)]),
    );
  const columns = [...new Set(list.flatMap((row) => Object.keys(row).filter((column) => row[column] !== undefined)))];
  if (columns.length === 0) return "";
  return lines([columns.map((column) => column.toUpperCase()), ...list.map((row) => columns.map((column) => cell(row[column])))]);
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return "";
  return safeLine(typeof value === "string" ? value : JSON.stringify(value));
}

function lines(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0));
  return rows
    .map(
      (row) =>
        `${row
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
