import { UscError } from "../../kernel/errors.ts";

declare global {
  // Not in TypeScript's own types yet.
  interface JSON {
    rawJSON(text: string): unknown;
    isRawJSON(value: unknown): boolean;
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  }
}

/**
 * The text at `path` in a JSON value: a string bare, anything else as JSON, numbers digit for digit. The nested path wins over a key that bears the
 * dots itself; such a key is found at the first level only. Throws `usage` for a value that is not JSON, `not_found` for a path that leads nowhere.
 */
export function atPath(value: string, path: string, name: string): string {
  const root = parsed(value, name);
  const found = walk(root, path.split(".")) ?? walk(root, [path]);
  if (found === undefined) {
    throw new UscError("not_found", `The JSON value of ${name} has nothing at the path that was asked for.`, {
      hint: "Without #path, `usc get -o raw` shows the whole value.",
    });
  }
  return typeof found.value === "string" ? found.value : JSON.stringify(found.value);
}

function walk(root: unknown, keys: readonly string[]): { value: unknown } | undefined {
  let value = root;
  for (const key of keys) {
    // Own members only: no prototype, no length, no character of a string.
    if (typeof value !== "object" || value === null || JSON.isRawJSON(value)) return undefined;
    if (Array.isArray(value) && !/^\d+$/u.test(key)) return undefined;
    const own = Object.getOwnPropertyDescriptor(value, key);
    if (own === undefined) return undefined;
    value = own.value;
  }
  return { value };
}

function parsed(value: string, name: string): unknown {
  try {
    return JSON.parse(value, (_key: string, member: unknown, { source }: { source?: string }) =>
      typeof member === "number" && source ? JSON.rawJSON(source) : member,
    );
  } catch {
    // The parser's own words quote the value.
    throw new UscError("usage", `The value of ${name} is not JSON, so there is no path into it.`, {
      hint: "Leave out the # and what follows.",
    });
  }
}
