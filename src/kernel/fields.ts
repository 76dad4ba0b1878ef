import * as z from "zod/mini";
import { once } from "./once.ts";

/** What every face needs to know of a field beside its type. */
export interface FieldAbout {
  summary: string;
  /** One letter for the command line. */
  short?: string;
  /** Other spellings, as scripts in the wild have them. */
  aliases?: readonly string[];
  /** Sealed in the store, blanked in logs, asked for without echo; on the command line also `--FIELD-file PATH|-`. */
  secret?: true;
  /** Of a secret that is not always required: a terminal is asked for it as well while each of these fields is absent or has this value. */
  askedWith?: Readonly<Record<string, string>>;
  /** What some clients send for a field that their user left out. */
  unsaid?: readonly string[];
  /** An empty text is a value here, not an absence. */
  emptyIsValue?: true;
  /** The field that says "this is base64": set by a face that was handed bytes which are no UTF-8. */
  base64Mark?: string;
  /** The command line's own flag that fills this field with the exact bytes of a file (`-`: standard input). A secret field has `NAME-file`. */
  fromFile?: string;
  /** Only this machine's own user may set it, a gateway's caller may not: it names a file here, or opens what is private here. */
  local?: true;
  /** It takes bytes: a file that is no UTF-8 text fills it as base64, and its reader tells the two apart. */
  bytes?: true;
  /** Of a flag: the command line's own flag that sets it and writes that field of the answer to a new file. */
  toFile?: { flag: string; answer: string };
  /** The most that such a file may hold (default: 1 MiB). */
  maxBytes?: number;
  /** How much of it is taken in the end, for who gives more than is even read: `Key Vault takes 25600`. */
  taken?: string;
  /** Of pairs: one text may hold several of them, as Akeyless has it: `KEY=VALUE,KEY=VALUE`. */
  commas?: true;
  /** The command line's word without a flag fills it. */
  positional?: true;
  /** Least and most of a whole number. */
  range?: readonly [least: number, most: number];
  /** What stands for the value in help, e.g. `PATH`. */
  placeholder?: string;
}

// Not Zod's global registry: a schema that bears an id there comes out of the JSON Schema as a reference to itself.
const registry = once(() => z.registry<FieldAbout>());

const about = <S extends z.ZodMiniType>(schema: S, meta: FieldAbout): S => {
  registry().add(schema, meta);
  return schema;
};

/** Required text, one character at least. */
export const text = (summary: string, more: Omit<FieldAbout, "summary"> = {}) =>
  about(more.emptyIsValue ? z.string() : z.string().check(z.minLength(1)), { summary, ...more });

export const optionalText = (summary: string, more: Omit<FieldAbout, "summary"> = {}) =>
  about(z.optional(z.string()), { summary, ...more });

/** A free text. Akeyless' clients send one of two words to leave it as it is. */
export const description = (summary: string, more: Omit<FieldAbout, "summary"> = {}) =>
  optionalText(summary, { ...more, unsaid: ["default_metadata", "default_comment"] });

export const flag = (summary: string, more: Omit<FieldAbout, "summary"> = {}) => about(z.optional(z.boolean()), { summary, ...more });

/** A whole number. Its bounds are looked at by the input door: as checks of Zod's they cost a millisecond at every start. */
export const count = (summary: string, range: readonly [least: number, most: number], more: Omit<FieldAbout, "summary"> = {}) =>
  about(z.optional(z.number()), { summary, range, ...more });

export const choice = <const V extends readonly [string, ...string[]]>(
  summary: string,
  values: V,
  more: Omit<FieldAbout, "summary"> = {},
) => about(z.optional(z.enum(values)), { summary, ...more });

/** One of these words, always. */
export const word = <const V extends readonly [string, ...string[]]>(summary: string, values: V, more: Omit<FieldAbout, "summary"> = {}) =>
  about(z.enum(values), { summary, ...more });

/** Given once or many times. */
export const list = (summary: string, more: Omit<FieldAbout, "summary"> = {}) =>
  about(z.optional(z.array(z.string())), { summary, ...more });

/** `key=value`, given once or many times; a JSON object over HTTP. */
export const pairs = (summary: string, more: Omit<FieldAbout, "summary"> = {}) =>
  about(z.optional(z.record(z.string(), z.string())), { summary, placeholder: "KEY=VALUE", ...more });

/** RFC 3339, any offset. */
export const instant = (summary: string, more: Omit<FieldAbout, "summary"> = {}) =>
  about(z.optional(z.iso.datetime({ offset: true })), { summary, placeholder: "YYYY-MM-DDTHH:MM:SSZ", ...more });

export const guid = (summary: string, more: Omit<FieldAbout, "summary"> = {}) => about(z.guid(), { summary, placeholder: "GUID", ...more });

export const optionalGuid = (summary: string, more: Omit<FieldAbout, "summary"> = {}) =>
  about(z.optional(z.guid()), { summary, placeholder: "GUID", ...more });

/** What a face and the input door see of a field: plain data. */
export interface Field extends FieldAbout {
  /** As it is written on the wire and, with two dashes, on the command line. */
  name: string;
  kind: "text" | "flag" | "count" | "list" | "pairs";
  required: boolean;
  choices?: readonly string[];
}

const kinds: Record<string, Field["kind"]> = {
  string: "text",
  enum: "text",
  boolean: "flag",
  number: "count",
  array: "list",
  record: "pairs",
};

/** The fields of an operation's input, in the order they were written. */
export function fieldsOf(input: z.ZodMiniObject): Field[] {
  return Object.entries(input.def.shape).map(([name, schema]) => {
    const optional = schema instanceof z.ZodMiniOptional;
    const inner: unknown = optional ? schema.def.innerType : schema;
    if (!(inner instanceof z.ZodMiniType)) throw new TypeError(`${name}: not a schema`);
    const kind = kinds[inner.def.type];
    const meta = registry().get(schema as z.ZodMiniType);
    if (kind === undefined || meta === undefined) throw new TypeError(`${name}: a field is made by a function of kernel/fields`);
    return { name, kind, required: !optional, ...meta, ...(inner instanceof z.ZodMiniEnum ? { choices: inner.options.map(String) } : {}) };
  });
}
