import type * as z from "zod/mini";
import { audited, type Witness } from "./audit.ts";
import { UscError } from "./errors.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { type NameFields, namesIn } from "./named.ts";
import { once } from "./once.ts";
import { type Capability, type Need, refuseWithout, refused } from "./rights.ts";
import { parseInput } from "./schema.ts";
import { shapeOf } from "./shape-of.ts";
import { plainly, type Shape } from "./shape.ts";

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
  /**
   * What a gateway's caller must be allowed. Absent: nobody but the machine's own user may, and no gateway serves it. Empty where no field names what the
   * answer tells of: then the room asks for each row, or `opens` says what.
   */
  needs?: readonly Need[] | "nothing";
  /** What he must be allowed on the connector that the call opens, where no field names it by itself. */
  opens?: Capability;
  /** The member that the answer is over HTTP, where clients want it without a name. */
  bare?: string;
  /** The member that the command line prints without its name. */
  printed?: string;
  /** Further paths of the route, as older clients have them. */
  legacyRoutes?: readonly string[];
  /** Which fields hold the names that the audit tells, where they are not the usual ones (`usc-name`, `name`, `secret-id`, ...). */
  names?: NameFields;
  input: () => z.ZodMiniObject;
  /** Parsed before anything leaves: what is not declared does not get out. */
  output: () => z.ZodMiniObject;
  /** The field of the answer that is one long list of rows: then `run` answers with `Rows`. */
  stream?: string;
  /** The field whose bytes `-o raw` and `--out-file` write, and the field that says whether it is base64. */
  raw?: Raw;
  /**
   * The field that is a text of its own format: the command line writes it as it is unless `-o` asks for the answer, and `--out-file` to a file.
   * `log` is a field for whoever reads the log beside it: stderr.
   */
  text?: { field: string; log?: string };
  /** It may ask a person at a terminal before it does what cannot be undone: then it takes `--yes`. */
  asks?: true;
  /** At a gateway's profile, the profile's access id and key stand in for those that are not given. */
  fromProfile?: true;
  /** The field of the answer that lists the steps of a check, for `--junit`. */
  steps?: string;
  /** The answer tells of one thing, lists and all: as a table it has a line for each field, not for each row of a list. */
  oneThing?: true;
  run: (input: Input) => Promise<unknown>;
}

export interface Raw {
  field: string;
  base64: true;
  /** Further words of `-o` that write the bytes: each is a value of the input's `field`. */
  forms?: { field: string; of: readonly string[] };
}

/** How a call is made. */
interface Manner {
  onRows?: ((rows: readonly unknown[]) => void) | undefined;
  declaration?: Declaration | undefined;
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

/** The operation of a command that the manifest names. */
export function operationNamed(name: string, operations: readonly Operation[]): Operation {
  const found = operations.find((candidate) => candidate.name === name);
  if (found === undefined) throw new TypeError(`${name}: in the manifest, but not in its room`);
  return found;
}

/** What an operation declares of its input and answer, as plain data. */
export interface Declaration {
  fields: readonly Field[];
  input: Shape;
  output: Shape;
}

export function declarationOf(op: Operation): Declaration {
  const input = op.input();
  return { fields: fieldsOf(input), input: shapeOf(input), output: shapeOf(op.output()) };
}

/**
 * The input door, the audit and the output door. `onRows` gets parsed rows as they come; without it they are collected into the answer. What does
 * not pass the input door is not audited: it reaches nothing, and may hold a value in any of its fields. `declaration`: as the build wrote it down,
 * which spares making the schemas.
 */
export async function invoke(
  op: Operation,
  raw: Readonly<Record<string, unknown>>,
  witness: Witness,
  { onRows, declaration = declarationOf(op) }: Manner = {},
): Promise<Record<string, unknown>> {
  const input = parseInput(op.input, declaration, raw);
  const local = witness.rights && declaration.fields.find((field) => field.local && input[field.name] !== undefined);
  if (local) throw new UscError("usage", `--${local.name} is set on the gateway's own machine alone.`);
  const about = { operation: op.name, ...namesIn(input, op.names) };
  return audited(op.effect, about, witness, async () => {
    const { rights, seen } = witness;
    if (rights === undefined) return answerTo(op, input, declaration.output, onRows);
    const { needs = [], opens } = op;
    if (needs !== "nothing") refuseWithout(rights, needs, input);
    if (opens !== undefined) {
      seen.mayOpen = (path) => {
        if (!rights.may(opens, "item", path)) throw refused(opens, "item", path);
      };
    }
    return answerTo(op, input, declaration.output, onRows);
  });
}

async function answerTo(
  op: Operation,
  input: Record<string, unknown>,
  shape: Shape,
  onRows: Manner["onRows"],
): Promise<Record<string, unknown>> {
  const output = once(op.output);
  const answer = await (op.run as (input: unknown) => Promise<unknown>)(input).catch((error: unknown) => {
    if (error instanceof UscError && error.details.answer) error.details.answer = declared(output, shape, error.details.answer);
    throw error;
  });
  if (op.stream === undefined) return declared(output, shape, answer);

  const { head, pages } = answer as Rows;
  const isRow = plainly(rowShape(shape, op.stream));
  const row = (given: unknown): unknown => (isRow(given) ? given : parsed(rowOf(output(), op.stream), given));
  const collected: unknown[] = [];
  for await (const page of pages) {
    const rows = page.map(row);
    if (onRows) onRows(rows);
    else collected.push(...rows);
  }
  return { ...declared(output, shape, { [op.stream]: [], ...head }), [op.stream]: collected };
}

function rowShape(shape: Shape, stream: string): Shape {
  const rows = typeof shape === "object" && "fields" in shape ? shape.fields[stream] : undefined;
  return typeof rows === "object" && "list" in rows ? rows.list : "unknown";
}

function rowOf(output: z.ZodMiniObject, stream: string | undefined): z.ZodMiniType {
  const array = output.def.shape[stream ?? ""] as z.ZodMiniArray | undefined;
  if (array === undefined) throw new TypeError(`${stream}: not a list of the answer`);
  return array.def.element as z.ZodMiniType;
}

function declared(schema: () => z.ZodMiniType, shape: Shape, answer: unknown): Record<string, unknown> {
  return plainly(shape)(answer) ? (answer as Record<string, unknown>) : parsed(schema(), answer);
}

function parsed(schema: z.ZodMiniType, answer: unknown): Record<string, unknown> {
  const result = schema.safeParse(answer);
  // The schema's own words would quote the answer, and the answer may hold a secret.
  if (!result.success) throw new UscError("internal", `The answer has an undeclared form at "${result.error.issues[0]?.path.join(".")}".`);
  return result.data as Record<string, unknown>;
}
