import { itemPath } from "./paths.ts";
import { present } from "./present.ts";

/** What a call is about, by name. */
export interface Named {
  /** Path of a connector, a target or another item. */
  item?: string;
  /** What lies in it, e.g. a secret. */
  object?: string;
  /** What it becomes, or goes to. */
  to?: string;
}

/** The fields of an operation's input that hold these names, where they are not the usual ones. */
export type NameFields = { readonly [role in keyof Named]?: readonly string[] };

// The first one given is it; of `to` all that are given and were not taken yet: a copy goes to a connector and has a name there.
const usual = {
  item: ["usc-name", "name", "source"],
  object: ["secret-id", "secret-name", "reference"],
  to: ["to-usc-name", "new-name", "target", "secret-name"],
} as const;

const maxLength = 256;

// Everything else that bears a name is an item.
const objectFields: ReadonlySet<string> = new Set(usual.object);

/**
 * The names in a call's input. What has not the form of a name is left out rather than escaped: it may be a value that was typed in the wrong
 * place.
 */
export function namesIn(input: Readonly<Record<string, unknown>>, fields: NameFields = {}): Named {
  const isGiven = (field: string): boolean => Object.hasOwn(input, field) && typeof input[field] === "string";
  const item = (fields.item ?? usual.item).find(isGiven);
  const object = (fields.object ?? usual.object).find(isGiven);
  const to = (fields.to ?? usual.to).filter((field) => field !== item && field !== object && isGiven(field));
  const nameIn = (field: string | undefined): string | undefined =>
    field === undefined ? undefined : (objectFields.has(field) || field === object ? objectForm : pathForm)(String(input[field]));
  const joined = to
    .map(nameIn)
    .filter((name) => name !== undefined)
    .join(" ");
  return present({ item: nameIn(item), object: nameIn(object), to: joined === "" ? undefined : joined });
}

/** Of a path, or of several with a space between them: no segment of a path ends with one. */
function pathForm(text: string): string | undefined {
  try {
    return text
      .split(/ (?=\/)/u)
      .map((path) => itemPath(path, "item"))
      .join(" ");
  } catch {
    return undefined;
  }
}

/** A name, a reference or a URL, without what points into the value (`#...`). */
function objectForm(text: string): string | undefined {
  const [name = ""] = text.split("#", 1);
  return name.length <= maxLength && /^([a-z]+:\/\/)?[A-Za-z0-9][\w.~:%-]*(\/[\w.~:%-]+)*\/?$/u.test(name) ? name : undefined;
}
