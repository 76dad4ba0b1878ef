import { writeSync } from "node:fs";
import { UscError } from "../../kernel/errors.ts";
import type { Command } from "../../kernel/manifest.ts";
import { safeText } from "../../kernel/printable.ts";

export const formats = ["json", "table", "yaml", "raw", "ndjson"] as const;
export type Format = (typeof formats)[number];

/** JSON in which every character that is not plainly seen is an escape: a parser gives back the same data. */
export const safeJson = (value: unknown, indent?: number): string => safeText(JSON.stringify(value, null, indent));

/** Thrown when nobody reads the answer any more: no failure of ours, and the call ends as it should. */
export const readerLeft = new UscError("interrupted", "Nobody reads the answer any more.");

/** Writes all of it to a descriptor. */
export function writeAll(descriptor: 1 | 2, data: string | Uint8Array): void {
  let rest = typeof data === "string" ? Buffer.from(data) : data;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      // What cannot be told is not told; the exit says it all the same.
      if (descriptor === 2 && code !== "EAGAIN") return;
      if (code === "EPIPE") throw readerLeft;
      if (code === "ENOSPC") throw new UscError("unavailable", "The answer could not be written: the disk is full.");
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** The answer in a format that needs no library of its own. */
export async function printAnswer(answer: Record<string, unknown>, format: Format, oneThing?: true): Promise<void> {
  if (format === "yaml") {
    const { stringify } = await import("yaml");
    // An escape is one in quotes only, so then the keys are quoted too.
    const json = JSON.stringify(answer);
    const defaultKeyType = json.includes("\\t") || json !== safeJson(answer) ? "QUOTE_DOUBLE" : "PLAIN";
    const text = stringify(answer, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType, lineWidth: 0 });
    return writeAll(1, safeText(text.replaceAll("\t", "\\t")));
  }
  if (format === "table") {
    const { table } = await import("./table.ts");
    return writeAll(1, table(answer, oneThing));
  }
  writeAll(1, `${safeJson(answer, format === "json" ? 2 : undefined)}\n`);
}

/** What `-o raw` and `--out-file` write. */
export function bytesOf({ raw, text }: Command, answer: Record<string, unknown>): Buffer | undefined {
  if (raw) return Buffer.from(textIn(answer, raw.field), "base64");
  return text && Buffer.from(textIn(answer, text.field));
}

export function textIn(answer: Record<string, unknown>, field: string): string {
  const text = answer[field];
  return typeof text === "string" ? text : "";
}
