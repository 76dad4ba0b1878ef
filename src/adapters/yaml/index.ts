import { UscError } from "../../kernel/errors.ts";

/**
 * One document as plain data in which every scalar is a text, as it was written: `0123`, `yes` and `1e3` are texts here. Refuses what says one
 * thing twice or means more than texts, lists and maps.
 */
export async function readYaml(text: string): Promise<unknown> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: "failsafe",
    stringKeys: true,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: "error",
    lineCounter: lines,
  });
  // The parser's own words quote the text.
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong !== undefined) throw malformed(` at line ${lines.linePos(wrong.pos[0]).line}`);
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw malformed(": its aliases do not end");
  }
}

const malformed = (where: string): UscError => new UscError("usage", `--file holds no YAML that can be taken${where}.`);
