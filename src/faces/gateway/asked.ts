import type { IncomingMessage } from "node:http";
import { isToken } from "../../kernel/bearer.ts";
import type { Field } from "../../kernel/fields.ts";
import type { Command } from "../../kernel/manifest.ts";
import { isCommandLine } from "./ears.ts";

type Body = Readonly<Record<string, unknown>>;

/** The token is a member of the body, as Akeyless' clients send it, or a header. It is no input, but for the operations about tokens: these take either. */
export function tokenOf(
  { fields }: Command,
  { headers: { authorization } }: IncomingMessage,
  body: Body,
): { token: string | undefined; input: Record<string, unknown> } {
  const { token: inBody, ...rest } = body;
  const [, shown = ""] = /^Bearer (.*)$/iu.exec(authorization ?? "") ?? [];
  const bearer = isToken(shown) ? shown : undefined;
  const isInput = fields.some(({ name }) => name === "token");
  // Whoever says which one, and says none, does not mean his own.
  const meant = Object.hasOwn(body, "token") ? inBody : bearer;
  return {
    token: typeof inBody === "string" && inBody !== "" ? inBody : bearer,
    input: isInput && meant !== undefined ? { ...rest, token: meant } : rest,
  };
}

/**
 * What Terraform's user left out comes as "" or [], and as 0 from Terraform itself: another client's 0 is a number. What is required was not left out,
 * and a value may be empty.
 */
export function withoutBlanks(command: Command, incoming: IncomingMessage, input: Body): Body {
  if (isCommandLine(incoming)) return input;
  const { headers } = incoming;
  const isTerraform = headers["akeylessclienttype"] === "terraform";
  const isBlank = (given: unknown): boolean => given === "" || (Array.isArray(given) && given.length === 0) || (isTerraform && given === 0);
  const stays = (key: string): boolean => {
    const field = spelled(command).get(key);
    return field?.required === true || field?.base64Mark !== undefined;
  };
  return Object.fromEntries(Object.entries(input).filter(([key, given]) => !isBlank(given) || stays(key)));
}

/** The names of what was given, of the fields that there are: another name could be anything. */
export const namesGiven = (command: Command, input: Body): string[] => [
  ...new Set(Object.keys(input).flatMap((key) => spelled(command).get(key)?.name ?? [])),
];

const known = new WeakMap<Command, ReadonlyMap<string, Field>>();

/** The fields of a command by each of their spellings. */
function spelled(command: Command): ReadonlyMap<string, Field> {
  const found = known.get(command) ?? new Map(command.fields.flatMap((field) => spellingsOf(field).map((spelling) => [spelling, field])));
  known.set(command, found);
  return found;
}

const spellingsOf = ({ name, aliases = [] }: Field): string[] => [name, name.replaceAll("-", "_"), ...aliases];
