import * as z from "zod/mini";
import type { Shape } from "./shape.ts";

/** What of a schema can be told without Zod. */
export function shapeOf(schema: unknown): Shape {
  if (schema instanceof z.ZodMiniOptional) return { optional: shapeOf(schema.def.innerType) };
  if (schema instanceof z.ZodMiniObject && isBare(schema) && schema.def.catchall === undefined)
    return { fields: Object.fromEntries(Object.entries(schema.def.shape).map(([name, field]) => [name, shapeOf(field)])) };
  if (schema instanceof z.ZodMiniArray && isBare(schema)) return { list: shapeOf(schema.def.element) };
  if (schema instanceof z.ZodMiniRecord && isBare(schema) && shapeOf(schema.def.keyType) === "text")
    return { map: shapeOf(schema.def.valueType) };
  if (schema instanceof z.ZodMiniEnum && isBare(schema) && schema.options.every((option) => typeof option === "string"))
    return { choice: schema.options };
  if (schema instanceof z.ZodMiniBoolean && isBare(schema)) return "flag";
  if (schema instanceof z.ZodMiniNumberFormat) return schema.def.format === "safeint" && isBare(schema) ? "int" : "unknown";
  if (schema instanceof z.ZodMiniNumber && isBare(schema)) return "number";
  if (schema instanceof z.ZodMiniString && !(schema instanceof z.ZodMiniStringFormat)) {
    if (isBare(schema)) return "text";
    if (isFilled(schema)) return "word";
  }
  return "unknown";
}

const isBare = ({ def }: { def: { checks?: readonly unknown[] | undefined } }): boolean => (def.checks ?? []).length === 0;

function isFilled(schema: z.ZodMiniString): boolean {
  const [check, ...more] = schema.def.checks ?? [];
  const takes = (text: string): boolean => schema.safeParse(text).success;
  return more.length === 0 && check instanceof z.core.$ZodCheckMinLength && takes("x") && !takes("");
}
