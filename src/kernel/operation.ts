import type * as z from "zod/mini";
import { UscError } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import { once } from "./once.ts";
import { plainRow } from "./rows.ts";
import { parseInput } from "./schema.ts";

/**
 * The unit of the product: everything it can do is one of these. Faces walk a list of them and hold no rule of their own.
 * Schemas are made on demand, since sixty of them built at start cost more than the call they describe.
 */
export interface Operation<Input = never> {
  /** The words on the command line. */
  name: string;
  /** `POST /<route>`; by default the words joined by "-". */
  route?: string;
  /** Other names of the same command. */
  aliases?: readonly string[];
  summary: string;
  /** A line a user could type, without `usc`. Help begins with it. */
  example: string;
  /** More to know, for help and the reference. */
  notes?: string;
  /** A write is refused to a read-only caller, and audited. */
  effect: "read" | "write";
  input: () => z.ZodMiniObject;
  /** Parsed before anything leaves: what is not declared does not get out. */
  output: () => z.ZodMiniObject;
  /** The field of the answer that is one long list of rows: then `run` answers with `Rows`. */
  stream?: string;
  /** The field whose bytes `-o raw` and `--out-file` write, and the field that says whether it is base64. */
  raw?: { field: string; base64: true };
  run: (input: Input) => Promise<unknown>;
}

interface Rows {
  head: Record<string, unknown>;
  /** By the page, as they come: row by row they would cost three waits each. */
  pages: AsyncIterable<readonly unknown[]>;
}

/** Ties `run`'s argument to the input schema. */
export function operation<S extends z.ZodMiniObject>(
  definition: Omit<Operation, "input" | "run"> & { input: () => S; run: (input: z.output<S>) => Promise<unknown> },
): Operation {
  return definition;
}

export const routeOf = (op: Operation): string => op.route ?? op.name.replaceAll(" ", "-");

/** The input door and the output door. `onRows` gets parsed rows as they come; without it they are collected into the answer. */
export async function invoke(
  op: Operation,
  raw: Readonly<Record<string, unknown>>,
  onRows?: (rows: readonly unknown[]) => void,
): Promise<Record<string, unknown>> {
  const schema = op.input();
  const input = parseInput(schema, fieldsOf(schema), raw);
  const output = once(op.output);
  // Made while the operation waits for the network.
  setImmediate(output);
  const answer = await (op.run as (input: unknown) => Promise<unknown>)(input);
  if (op.stream === undefined) return declared(output(), answer);

  const { head, pages } = answer as Rows;
  const rowSchema = rowOf(output(), op.stream);
  const isPlain = plainRow(rowSchema);
  const collected: unknown[] = [];
  for await (const page of pages) {
    const rows = page.map((row) => (isPlain(row) ? row : declared(rowSchema, row)));
    if (onRows) onRows(rows);
    else collected.push(...rows);
  }
  return declared(output(), { [op.stream]: [], ...head }, collected, op.stream);
}

function rowOf(output: z.ZodMiniObject, stream: string): z.ZodMiniObject {
  const array = output.def.shape[stream] as z.ZodMiniArray | undefined;
  if (array === undefined) throw new TypeError(`${stream}: not a list of the answer`);
  return array.def.element as z.ZodMiniObject;
}

function declared(schema: z.ZodMiniType, answer: unknown, rows?: unknown[], stream?: string): Record<string, unknown> {
  const result = schema.safeParse(answer);
  // The schema's own words would quote the answer, and the answer may hold a secret.
  if (!result.success) throw new UscError("internal", `The answer has an undeclared form at "${result.error.issues[0]?.path.join(".")}".`);
  const data = result.data as Record<string, unknown>;
  return stream === undefined ? data : { ...data, [stream]: rows };
}
