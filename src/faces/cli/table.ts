import { isRecord } from "../../kernel/is-record.ts";
import { safeLine } from "../../kernel/printable.ts";

/** The rows of the first list that has any, or one line a field: always so if the answer is `oneThing`. */
export function table(answer: Record<string, unknown>, oneThing = false): string {
  const fields = Object.entries(answer).filter(([, value]) => value !== undefined);
  const list = oneThing ? undefined : fields.map(([, value]) => value).find(hasRows);
  if (list === undefined) {
    const isEmptyList = !oneThing && fields.every(([, value]) => value === "" || (Array.isArray(value) && value.length === 0));
    return isEmptyList ? "" : lines(fields.map(([key, value]) => [key, cell(value)]));
  }
  const columns = [...new Set(list.flatMap((row) => Object.keys(row).filter((column) => row[column] !== undefined)))];
  return lines([columns.map((column) => column.toUpperCase()), ...list.map((row) => columns.map((column) => cell(row[column])))]);
}

const hasRows = (value: unknown): value is Record<string, unknown>[] => Array.isArray(value) && value.length > 0 && value.every(isRecord);

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
