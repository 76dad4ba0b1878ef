import { UscError } from "../../kernel/errors.ts";
import type { Entry } from "./entry.ts";

/** `{"name": "text", "other": {"base64": "..."}}`: a text as it is, binary values by their bytes. */
export function writeJson(entries: readonly Entry[]): string {
  return entries.length === 0 ? "{}\n" : `{\n${entries.map((entry) => `  ${quoted(entry.name)}: ${member(entry)}`).join(",\n")}\n}\n`;
}

/** The same as YAML, which takes JSON's quoted texts. */
export function writeYaml(entries: readonly Entry[]): string {
  return entries.length === 0 ? "{}\n" : entries.map((entry) => `${quoted(entry.name)}: ${member(entry)}\n`).join("");
}

const member = ({ value, binary }: Entry): string => (binary ? `{ "base64": ${quoted(value)} }` : quoted(value));

// Beyond what JSON escapes: what a terminal obeys, a reader cannot see, or YAML takes for the end of a line.
const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/u, ""));
  } catch {
    // The parser's own words quote the text.
    throw new UscError("usage", "--file holds no JSON.");
  }
}

/** The entries of a document as `writeJson` and `writeYaml` make it. */
export function entriesOf(document: unknown): Entry[] {
  if (!isMap(document)) throw new UscError("usage", "--file holds no map of names to values.", { hint: form });
  return Object.entries(document).map(([name, given], index) => {
    if (typeof given === "string") return { name, value: given, binary: false };
    if (given instanceof Uint8Array) return { name, value: Buffer.from(given).toString("base64"), binary: true };
    if (isMap(given) && typeof given["base64"] === "string" && Object.keys(given).length === 1)
      return { name, value: given["base64"], binary: true };
    const which = isName(name) ? name : `entry ${index + 1}`;
    throw new UscError("usage", `The value of ${which} is no text.`, { hint: form });
  });
}

const form = 'It is {"db-password": "text", "tls-key": {"base64": "..."}}; numbers stand in quotes too.';

/** What Key Vault takes for a name; anything else may be a value in the wrong place, and is not told. */
export const isName = (text: string): boolean => /^[0-9A-Za-z-]{1,127}$/u.test(text);

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
