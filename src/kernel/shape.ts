/**
 * What a schema declares, as plain data: made of it at build time (`shape-of.ts`), so that what is plainly as declared passes without Zod, whose code
 * alone costs a tenth of a warm get. `unknown`: only Zod can tell.
 */
export type Shape =
  | "text"
  | "word"
  | "flag"
  | "number"
  | "int"
  | "unknown"
  | { choice: readonly string[] }
  | { optional: Shape }
  | { list: Shape }
  | { map: Shape }
  | { fields: Readonly<Record<string, Shape>> };

export type Test = (value: unknown) => boolean;

const simple: Readonly<Record<Extract<Shape, string>, Test>> = {
  text: (value) => typeof value === "string",
  // At least one character.
  word: (value) => typeof value === "string" && value !== "",
  flag: (value) => typeof value === "boolean",
  number: Number.isFinite,
  int: Number.isSafeInteger,
  unknown: () => false,
};

/** Whether a value is plainly what its schema declares: then Zod would change nothing of it. Whatever this is not sure of is left to Zod. */
export function plainly(shape: Shape): Test {
  if (typeof shape === "string") return simple[shape];
  if ("choice" in shape) return (value) => typeof value === "string" && shape.choice.includes(value);
  if ("optional" in shape) {
    const inner = plainly(shape.optional);
    return (value) => value === undefined || inner(value);
  }
  if ("list" in shape) {
    const item = plainly(shape.list);
    return (value) => Array.isArray(value) && value.every(item);
  }
  if ("map" in shape) {
    const member = plainly(shape.map);
    // Zod drops a key of that name.
    return (value) => isPlainObject(value) && Object.keys(value).every((key) => key !== "__proto__" && member(value[key]));
  }
  return plainFields(shape.fields);
}

function plainFields(fields: Readonly<Record<string, Shape>>): Test {
  const tests = Object.entries(fields).map(([name, field]) => ({ name, type: typeOf(field), test: plainly(field) }));
  return (value) => {
    if (!isPlainObject(value)) return false;
    let known = 0;
    for (const { name, type, test } of tests) {
      const member = value[name];
      if (typeof member !== type && !test(member)) return false;
      if (member !== undefined || Object.hasOwn(value, name)) known += 1;
    }
    return Object.keys(value).length === known;
  };
}

/** The type that says all: then most members of a long list's rows need no call. */
function typeOf(shape: Shape): string | undefined {
  if (typeof shape === "object" && "optional" in shape) return typeOf(shape.optional);
  return shape === "text" ? "string" : shape === "flag" ? "boolean" : undefined;
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Whether a value has what a shape declares, as far as can be told. It may have more: another version of usc may have made it. */
export function fits(shape: Shape, value: unknown): boolean {
  if (shape === "unknown") return true;
  if (typeof shape === "string") return simple[shape](value);
  if ("choice" in shape) return typeof value === "string";
  if ("optional" in shape) return value === undefined || fits(shape.optional, value);
  if ("list" in shape) return Array.isArray(value) && value.every((item) => fits(shape.list, item));
  if (!isPlainObject(value)) return false;
  return "map" in shape
    ? Object.values(value).every((member) => fits(shape.map, member))
    : Object.entries(shape.fields).every(([name, field]) => fits(field, value[name]));
}
