import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every form in which a secret's bytes could have been left lying about. */
export function formsOf(value: string): Buffer[] {
  const bytes = Buffer.from(value);
  const utf16 = Buffer.from(value, "utf16le");
  const inner = (offset: number): string =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/u, "")
      .slice(offset === 0 ? 0 : offset + 1, -1);
  const texts = [
    inner(0),
    inner(1),
    inner(2),
    bytes.toString("base64url").replace(/.$/u, ""),
    bytes.toString("hex"),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
  ];
  return [bytes, utf16, Buffer.from(utf16).swap16(), ...texts.map((text) => Buffer.from(text))];
}

/** Where a value was found, or nothing: a list of places that a test expects to be empty. */
export function canaries(value: string, places: { dir: string; texts: Record<string, string> }): string[] {
  const files = readdirSync(places.dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const heaps = [
    ...files.map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name))] as const),
    ...Object.entries(places.texts).map(([name, text]) => [name, Buffer.from(text)] as const),
  ];
  return heaps.flatMap(([name, heap]) => (formsOf(value).some((form) => heap.includes(form)) ? [name] : []));
}
