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
