import type { IncomingMessage } from "node:http";
import type { Field } from "../../kernel/fields.ts";
import type { Command } from "../../kernel/manifest.ts";
import { isCommandLine } from "./ears.ts";

type Body = Readonly<Record<string, unknown>>;

/** The token is a member of the body, as Akeyless' clients send it, or a header. It is no input, but for the operations about tokens. */
export function tokenOf(
  { fields }: Command,
  { headers: { authorization } }: IncomingMessage,
  body: Body,
): { token: string | undefined; input: Record<string, unknown> } {
  const { token: inBody, ...rest } = body;
  const input = fields.some(({ name }) => name === "token") ? { ...body } : rest;
  const bearer = /^Bearer ([!-~]{1,1000})$/u.exec(authorization ?? "")?.[1];
  return { token: typeof inBody === "string" && inBody !== "" ? inBody : bearer, input };
}

/**
 * What Terraform's user left out comes as "" or [], and as 0 from Terraform itself: another client's 0 is a number. What is required was not left out,
 * and a value may be empty.
 */
export function withoutBlanks({ fields }: Command, incoming: IncomingMessage, input: Body): Body {
  if (isCommandLine(incoming)) return input;
  const { headers } = incoming;
  const isTerraform = headers["akeylessclienttype"] === "terraform";
  const isBlank = (given: unknown): boolean => given === "" || (Array.isArray(given) && given.length === 0) || (isTerraform && given === 0);
  const stays = (key: string): boolean => {
    const field = fields.find((candidate) => spellingsOf(candidate).includes(key));
    return field?.required === true || field?.base64Mark !== undefined;
  };
  return Object.fromEntries(Object.entries(input).filter(([key, given]) => !isBlank(given) || stays(key)));
}

/** The names of what was given, of the fields that there are: another name could be anything. */
export const namesGiven = ({ fields }: Command, input: Body): string[] =>
  fields.filter((field) => spellingsOf(field).some((spelling) => Object.hasOwn(input, spelling))).map(({ name }) => name);

const spellingsOf = ({ name, aliases = [] }: Field): string[] => [name, name.replaceAll("-", "_"), ...aliases];
