import { errorDocument, outcomes } from "../../kernel/errors.ts";
import type { Globals } from "./flags.ts";
import { safeLine } from "../../kernel/printable.ts";
import { readerLeft, safeJson, writeAll } from "./print.ts";

/** The funnel: every failure leaves as one document or two lines, with the code's exit. */
export function report(error: unknown, { output, json, quiet }: Globals = {}): number {
  if (error === readerLeft) return 0;
  const document = errorDocument(error);
  if (isYes(quiet)) delete document.hint;
  const { exit } = outcomes[document.code];
  const isShown = process.stderr.isTTY === true;
  // A finding is no failure: the answer tells it, and the exit. A person hears a sentence.
  const isFinding = document.code === "changes";
  if (isFinding && !isShown) return exit;
  const asked = !isFinding && (output === "json" || isYes(json));
  const hint = document.hint === undefined ? "" : `hint: ${safeLine(document.hint)}\n`;
  writeAll(2, asked || !isShown ? `${safeJson(document)}\n` : `usc: ${safeLine(document.error)}\n${hint}`);
  return exit;
}

/** What is neither yes nor no is what failed. */
const isYes = (given: string | boolean | undefined): boolean => given === true || given === "true";
