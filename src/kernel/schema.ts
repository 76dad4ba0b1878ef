import type * as z from "zod/mini";
import { UscError } from "./errors.ts";
import type { Field } from "./fields.ts";
import { plainly, type Shape } from "./shape.ts";

/** Parses one caller's input. Sentences name the field and what was expected; they never quote what was given, since it may be a secret. */
export function parseInput(
  schema: () => z.ZodMiniType<Record<string, unknown>>,
  { fields, input: shape }: { fields: readonly Field[]; input: Shape },
  raw: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const input = lenient(fields, raw);
  for (const field of fields) checkRange(field, input[field.name]);
  if (plainly(shape)(input)) return input;
  const result = schema().safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = String(issue?.path[0] ?? "input");
  const field = fields.find((candidate) => candidate.name === name);
  if (field?.required && raw[name] === undefined) throw new UscError("usage", `--${name} is missing.`, { hint: field.summary });
  if (field?.required && raw[name] === "") throw new UscError("usage", `--${name} is empty.`, { hint: field.summary });
  throw new UscError("usage", `--${name} is not valid: ${expected(issue, field)}.`, field ? { hint: field.summary } : {});
}

function checkRange({ name, range, summary }: Field, value: unknown): void {
  if (range === undefined || typeof value !== "number") return;
  const [least, most] = range;
  const wrong = !Number.isInteger(value)
    ? "a whole number"
    : value < least
      ? `${least} or more`
      : value > most
        ? `${most} or less`
        : undefined;
  if (wrong !== undefined) throw new UscError("usage", `--${name} is not valid: expected ${wrong}.`, { hint: summary });
}

function expected(issue: z.core.$ZodIssue | undefined, field: Field | undefined): string {
  if (field?.choices) return `expected one of ${field.choices.join(", ")}`;
  if (issue?.code === "invalid_format")
    return issue.format === "datetime" ? "expected a time such as 2027-01-31T00:00:00Z" : `expected a ${issue.format.toUpperCase()}`;
  if (issue?.code === "too_small") return issue.origin === "string" ? "it is empty" : `expected ${issue.minimum} or more`;
  if (issue?.code === "too_big") return `expected ${issue.maximum} or less`;
  if (field?.kind === "flag") return "expected true or false";
  if (field?.kind === "count") return "expected a whole number";
  if (issue?.code === "invalid_type") return `expected a ${issue.expected === "record" ? "key=value" : issue.expected}`;
  return "unexpected form";
}

/**
 * What real clients send, made regular: Terraform sends "" for what its user left out, scripts send "true" and "30" as text, some keys come in
 * snake case, and a list of one comes bare.
 */
function lenient(fields: readonly Field[], raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const field of fields) {
    const spellings = [field.name, field.name.replaceAll("-", "_"), ...(field.aliases ?? [])];
    // A client that knows two names of a field sends what it says in one and what stands for nothing in the other.
    const key = spellings.find((spelling) => Object.hasOwn(raw, spelling) && isSaid(field, raw[spelling]));
    if (key !== undefined) input[field.name] = regular(field, raw[key]);
  }
  return input;
}

const isSaid = ({ unsaid, emptyIsValue }: Field, value: unknown): boolean =>
  value !== undefined && value !== null && !unsaid?.some((word) => word === value) && (value !== "" || emptyIsValue === true);

function regular(field: Field, value: unknown): unknown {
  // Python's scripts write True.
  if (field.kind === "flag" && typeof value === "string" && /^(?:true|false)$/iu.test(value)) return value.toLowerCase() === "true";
  if (field.kind === "count" && typeof value === "string" && /^-?\d{1,15}$/u.test(value)) return Number(value);
  if (field.kind === "list" && typeof value === "string") return [value];
  if (field.kind === "pairs" && (typeof value === "string" || Array.isArray(value))) return pairsOf(field, [value].flat());
  return value;
}

function pairsOf(field: Field, items: readonly unknown[]): Record<string, unknown> {
  const given = items.map(String).flatMap((item) => (field.commas ? item.split(/,(?=[^,=]+=)/u) : [item]));
  return Object.fromEntries(
    given.map((item) => {
      const [, key, value] = /^([^=]+)=(.*)$/su.exec(item) ?? [];
      if (key === "__proto__") throw new UscError("usage", `--${field.name} is not valid: JavaScript keeps the name __proto__ for itself.`);
      if (key === undefined) throw new UscError("usage", `--${field.name} is not valid: expected key=value.`, { hint: field.summary });
      return [key, value];
    }),
  );
}
