import { UscError } from "../../kernel/errors.ts";
import type { Entry } from "./entry.ts";
import { nameOf, variableOf } from "./variable-name.ts";

/**
 * The entries of a dotenv text. Single quotes keep everything; double quotes know `\n \r \t \\ \" \$`; without quotes a value goes up to the end of
 * its line, or to a space and a `#`. Nothing is expanded: a `$` is a `$`. A comment `# usc: NAME [base64]` names the variable behind it.
 */
export function readDotenv(text: string): Entry[] {
  const source = text.replace(/^\ufeff/u, "");
  const entries: Entry[] = [];
  let mark: { name: string; binary: boolean } | undefined;
  for (let at = 0; at < source.length;) {
    const [line = ""] = source.slice(at).split("\n", 1);
    const [, name, base64] = /^\s*# usc: ([0-9A-Za-z-]{1,127})( base64)?\s*$/u.exec(line) ?? [];
    const [head, variable] = /^\s*(?:export[ \t]+)?([^\s=#]+)[ \t]*=[ \t]*/u.exec(line) ?? [];
    if (head === undefined || variable === undefined) {
      if (/^\s*[^\s#]/u.test(line)) throw malformed(source, at, "is no NAME=VALUE");
      mark = name === undefined ? undefined : { name, binary: base64 !== undefined };
      at += line.length + 1;
      continue;
    }
    const named = mark !== undefined && variableOf(mark.name) === variable ? mark.name : nameOf(variable);
    if (named === undefined) throw malformed(source, at, "begins with no name of a variable");
    const { value, end } = valueAt(source, at + head.length);
    entries.push({ name: named, value, binary: mark?.name === named && mark.binary });
    mark = undefined;
    at = end;
  }
  return entries;
}

/** The value that begins at `start`, and where the next line begins. */
function valueAt(source: string, start: number): { value: string; end: number } {
  const rest = (from: number): string => source.slice(from).split("\n", 1)[0] ?? "";
  if (source[start] !== "'" && source[start] !== '"') {
    const line = rest(start);
    return { value: line.replace(/(^|\s)#.*$/su, "").trim(), end: start + line.length + 1 };
  }
  let value = "";
  let at = start;
  // As a shell joins them: 'it'\''s' is one word.
  for (;;) {
    const found = source[at] === "'" ? single(source, at) : source[at] === '"' ? double(source, at) : escape(source, at);
    if (found === undefined) break;
    value += found.text;
    at = found.end;
  }
  const line = rest(at);
  if (!/^\s*($|\s#)/u.test(line)) throw malformed(source, at, "goes on behind a closing quote");
  return { value, end: at + line.length + 1 };
}

interface Piece {
  text: string;
  end: number;
}

function single(source: string, start: number): Piece {
  const close = source.indexOf("'", start + 1);
  if (close < 0) throw malformed(source, start, "opens a quote that nothing closes");
  return { text: source.slice(start + 1, close), end: close + 1 };
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"', $: "$", "`": "`", "\n": "" };

function double(source: string, start: number): Piece {
  let text = "";
  for (let at = start + 1; at < source.length; at += 1) {
    const character = source[at] ?? "";
    if (character === '"') return { text, end: at + 1 };
    const next = source[at + 1] ?? "";
    if (character !== "\\" || !Object.hasOwn(escapes, next)) text += character;
    else {
      text += escapes[next];
      at += 1;
    }
  }
  throw malformed(source, start, "opens a quote that nothing closes");
}

const escape = (source: string, at: number): Piece | undefined =>
  source[at] === "\\" && /[^\s]/u.test(source[at + 1] ?? "") ? { text: source[at + 1] ?? "", end: at + 2 } : undefined;

function malformed(source: string, at: number, why: string): UscError {
  const line = source.slice(0, at).split("\n").length;
  return new UscError("usage", `--file holds no dotenv that can be taken: line ${line} ${why}.`, {
    hint: "A value of several lines, or with quotes, stands in quotes.",
  });
}
