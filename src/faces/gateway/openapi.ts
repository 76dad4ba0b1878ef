import { outcomes } from "../../kernel/errors.ts";
import type { Field } from "../../kernel/fields.ts";
import type { Command, Manifest } from "../../kernel/manifest.ts";

/** The gateway in words that programs read: OpenAPI 3.1. `answerOf` gives the JSON Schema of a command's answer. */
export async function openapi(commands: Manifest, answerOf: (command: Command) => Promise<object>): Promise<object> {
  const served = commands.filter((command) => command.local !== true);
  const paths = await Promise.all(
    served.map(async (command) => [`/${command.route}`, { post: operationOf(command, await answerOf(command)) }] as const),
  );
  return {
    openapi: "3.1.0",
    info: { title: "usc", version: "1", summary: "The universal secrets connector for Azure, over HTTP" },
    paths: Object.fromEntries(paths),
    components: {
      responses: Object.fromEntries(failures.map(([status, codes]) => [`error${status}`, failed(codes)])),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "A token of POST /auth; it may also be the member `token` of the body." },
      },
    },
  };
}

/** Statuses of failures, each with the codes that it stands for. */
const failures = [...codesByStatus()].filter(([status]) => status !== 200);

function codesByStatus(): Map<number, string[]> {
  // What the face itself refuses: a method, a Host.
  const found = new Map<number, string[]>([
    [405, ["usage"]],
    [421, ["usage"]],
  ]);
  for (const [code, { status }] of Object.entries(outcomes)) found.set(status, [...(found.get(status) ?? []), code]);
  return found;
}

const failed = (codes: readonly string[]): object => ({
  description: `It failed (${codes.join(", ")}): the document says why and what to do.`,
  content: {
    "application/json": {
      schema: {
        type: "object",
        required: ["error", "code"],
        properties: {
          error: { type: "string" },
          code: { type: "string", enum: codes },
          hint: { type: "string" },
          request_id: { type: "string" },
          retry_after: { type: "number" },
        },
      },
    },
  },
});

function operationOf(command: Command, answer: object): object {
  const { summary, notes, open, effect, fields } = command;
  const required = fields.filter((field) => field.required && !field.local).map(({ name }) => name);
  const properties = Object.fromEntries(fields.filter((field) => !field.local).map((field) => [field.name, propertyOf(field)]));
  const schema = { type: "object", properties, ...(required.length > 0 ? { required } : {}) };
  return {
    operationId: command.route,
    summary,
    ...(notes === undefined ? {} : { description: notes }),
    "x-effect": effect,
    ...(open === true ? {} : { security: [{ token: [] }] }),
    requestBody: { required: true, content: { "application/json": { schema } } },
    responses: {
      "200": { description: "Done.", content: { "application/json": { schema: answer } } },
      ...Object.fromEntries(failures.map(([status]) => [String(status), { $ref: `#/components/responses/error${status}` }])),
    },
  };
}

const kinds: Record<Field["kind"], object> = {
  text: { type: "string" },
  flag: { type: ["boolean", "string"] },
  count: { type: ["integer", "string"] },
  list: { type: "array", items: { type: "string" } },
  pairs: { type: "object", additionalProperties: { type: "string" } },
};

const propertyOf = ({ kind, summary, choices, secret, range, required, emptyIsValue }: Field): object => ({
  ...kinds[kind],
  ...(required && kind === "text" && emptyIsValue !== true ? { minLength: 1 } : {}),
  description: summary,
  ...(choices === undefined ? {} : { enum: [...(required ? [] : [""]), ...choices] }),
  ...(secret === true ? { writeOnly: true } : {}),
  ...(range === undefined ? {} : { minimum: range[0], maximum: range[1] }),
});
