import * as z from "zod/mini";

/** A schema of Zod's in OpenAPI 3.1's dialect. */
export const jsonSchemaOf = (schema: z.core.$ZodType): object => {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
  return plain;
};
