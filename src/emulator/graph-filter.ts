import { graphErrors } from "./graph-errors.ts";

/** One property of a row as it is on the wire, by its name; undefined is none of that name. */
type Look = (name: string) => unknown;
type Test = (look: Look) => boolean;

/**
 * `$filter`: comparisons by `eq`, `ne` and `in`, `startswith(p,'x')`, `p/any(x:x eq 'v')`, joined by `and`, `or`, `not` and
 * parentheses. Texts compare without regard to case, as the directory does.
 */
export function readFilter(text: string): Test {
  const tokens = text.match(/'(?:[^']|'')*'|[A-Za-z][\w./-]*|[0-9a-fA-F-]{36}|[(),:]|\S/g) ?? [];
  const reader = { tokens, at: 0, text };
  // Each parenthesis is one level of calls.
  if (tokens.length > 1_000) throw bad(reader);
  const test = readOr(reader);
  if (reader.at < tokens.length) throw bad(reader);
  return test;
}

interface Reader {
  tokens: readonly string[];
  at: number;
  text: string;
}

function readOr(reader: Reader): Test {
  const left = readAnd(reader);
  if (!takes(reader, "or")) return left;
  const right = readOr(reader);
  return (look) => left(look) || right(look);
}

function readAnd(reader: Reader): Test {
  const left = readTerm(reader);
  if (!takes(reader, "and")) return left;
  const right = readAnd(reader);
  return (look) => left(look) && right(look);
}

function readTerm(reader: Reader): Test {
  if (takes(reader, "not")) {
    const test = readTerm(reader);
    return (look) => !test(look);
  }
  if (takes(reader, "(")) {
    const test = readOr(reader);
    demand(reader, ")");
    return test;
  }
  const name = next(reader);
  if (name === "startswith") return readStart(reader);
  if (name.endsWith("/any")) return readAny(reader, name.slice(0, -"/any".length));
  const operator = next(reader);
  if (operator === "in") return readIn(reader, name);
  if (operator !== "eq" && operator !== "ne") throw bad(reader);
  const wanted = readValue(reader);
  return (look) => isSame(valueOf(look, name), wanted) === (operator === "eq");
}

function readStart(reader: Reader): Test {
  demand(reader, "(");
  const name = next(reader);
  demand(reader, ",");
  const head = readValue(reader);
  demand(reader, ")");
  if (typeof head !== "string") throw bad(reader);
  return (look) => {
    const value = valueOf(look, name);
    return typeof value === "string" && value.toLowerCase().startsWith(head.toLowerCase());
  };
}

function readAny(reader: Reader, name: string): Test {
  demand(reader, "(");
  const variable = next(reader);
  demand(reader, ":");
  demand(reader, variable);
  demand(reader, "eq");
  const wanted = readValue(reader);
  demand(reader, ")");
  return (look) => {
    const value = valueOf(look, name);
    return Array.isArray(value) && value.some((item) => isSame(item, wanted));
  };
}

function readIn(reader: Reader, name: string): Test {
  demand(reader, "(");
  const wanted = [readValue(reader)];
  while (takes(reader, ",")) wanted.push(readValue(reader));
  demand(reader, ")");
  return (look) => wanted.some((each) => isSame(valueOf(look, name), each));
}

function readValue(reader: Reader): unknown {
  const token = next(reader);
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };
  if (Object.hasOwn(words, token)) return words[token];
  // A GUID may stand without quotes.
  if (/^[0-9a-f-]{36}$/i.test(token)) return token;
  throw bad(reader);
}

function valueOf(look: Look, name: string): unknown {
  const value = look(name);
  if (value === undefined) throw graphErrors.badQuery(`Invalid filter clause: Could not find a property named '${name}'.`);
  return value;
}

function isSame(value: unknown, wanted: unknown): boolean {
  if (typeof value === "string" && typeof wanted === "string") return value.toLowerCase() === wanted.toLowerCase();
  return value === wanted;
}

function next(reader: Reader): string {
  const token = reader.tokens[reader.at];
  if (token === undefined) throw bad(reader);
  reader.at += 1;
  return token;
}

function takes(reader: Reader, wanted: string): boolean {
  if (reader.tokens[reader.at] !== wanted) return false;
  reader.at += 1;
  return true;
}

function demand(reader: Reader, wanted: string): void {
  if (!takes(reader, wanted)) throw bad(reader);
}

function bad({ at, text }: Reader): Error {
  return graphErrors.badQuery(`Invalid filter clause: Syntax error at token ${at} in '${text}'.`);
}
