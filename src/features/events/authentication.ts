import { UscError } from "../../kernel/errors.ts";
import { authTypes, type Destination } from "./model.ts";
import type { Place } from "./port.ts";

type Type = Destination["auth-type"];

/** Which fields prove who calls, by type. */
const fieldsOf = {
  none: [],
  "user-pass": ["username", "password"],
  "bearer-token": ["auth-token"],
  certificate: ["client-cert-data", "private-key-data"],
} as const satisfies Record<Type, readonly (keyof Destination)[]>;
type Field = (typeof fieldsOf)[Type][number];
const fields: readonly Field[] = Object.values(fieldsOf).flat();

export type Given = { [F in Field]?: string | undefined } & { "auth-type"?: string | undefined };
type Authentication = Pick<Destination, "auth-type" | Field>;

/** Who calls, from what was given and what stood there. `usage` for what is missing, of another type, or not of its form. */
export function authenticationFrom(given: Given, before: Authentication = { "auth-type": "none" }): Authentication {
  const type = typeFrom(given) ?? before["auth-type"];
  const own: readonly Field[] = fieldsOf[type];
  const foreign = fields.find((field) => given[field] !== undefined && !own.includes(field));
  if (foreign !== undefined) throw new UscError("usage", `--${foreign} does not belong to --auth-type ${type}.`);
  const kept: Given = type === before["auth-type"] ? before : {};
  const made: Authentication = { "auth-type": type };
  for (const field of own) {
    const text = given[field] === undefined ? kept[field] : forms[field](given[field]);
    if (text === undefined) throw new UscError("usage", `--${field} is missing.`, { hint: `--auth-type ${type} needs it.` });
    made[field] = text;
  }
  return made;
}

/** Official clients always send `user-pass`, also where nothing of it is given. */
function typeFrom(given: Given): Type | undefined {
  const meant = authTypes.find((type) => fieldsOf[type].some((field) => given[field] !== undefined));
  const word = given["auth-type"] === "token" ? "bearer-token" : given["auth-type"];
  if (word === undefined || (word === "user-pass" && meant === undefined)) return meant;
  const type = authTypes.find((each) => each === word);
  if (type === undefined)
    throw new UscError("unsupported", "There is no such kind of authentication.", { hint: `It is one of ${authTypes.join(", ")}.` });
  return type;
}

/** A stored proof goes nowhere but where it was given for: another place needs it again. */
export function requireProofAgain(type: Type, given: Given): void {
  const missing = fieldsOf[type].find((field) => given[field] === undefined);
  if (missing === undefined) return;
  throw new UscError("usage", `Another receiver, or another CA, needs --${missing} again.`, {
    hint: "What was given for one receiver is never sent to another. --auth-type none sends no proof.",
  });
}

export function authorizationOf(destination: Destination): Record<string, string> {
  const { "auth-type": type, username, password, "auth-token": token } = destination;
  if (type === "user-pass") return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
  return type === "bearer-token" ? { authorization: `Bearer ${token}` } : {};
}

export function placeOf(destination: Destination): Place {
  const { url, reach, "client-cert-data": certificate, "private-key-data": key, "server-certificates": trust } = destination;
  return { url, reach, trust, client: certificate === undefined || key === undefined ? undefined : { certificate, key } };
}

/** PEM text, as it is or in base64. */
export function pemOf(given: string, field: string): string {
  const text = given.includes("-----BEGIN ") ? given : Buffer.from(given, "base64").toString();
  if (text.includes("-----BEGIN ")) return text;
  throw new UscError("usage", `--${field} is not valid: expected PEM, as it is or in base64.`);
}

function lineOf(given: string, field: string): string {
  if (/^[^\u0000-\u001f\u007f]*$/u.test(given)) return given;
  throw new UscError("usage", `--${field} is not valid: it holds a line break or another control character.`, {
    hint: "`printf %s` writes a file without a line break.",
  });
}

const forms: Record<Field, (given: string) => string> = {
  username(given) {
    // RFC 7617: the first colon ends the name.
    if (given.includes(":")) throw new UscError("usage", "--username is not valid: it holds a colon.");
    return lineOf(given, "username");
  },
  password: (given) => lineOf(given, "password"),
  "auth-token"(given) {
    const text = Buffer.from(given.trim(), "base64");
    if (text.toString("base64").replace(/=+$/u, "") === given.trim().replace(/=+$/u, "") && /^[!-~]+$/u.test(text.toString()))
      return text.toString();
    throw new UscError("usage", "--auth-token is not valid: expected the token in base64.", {
      hint: '`printf %s "$token" | base64 -w0`',
    });
  },
  "client-cert-data": (given) => pemOf(given, "client-cert-data"),
  "private-key-data": (given) => pemOf(given, "private-key-data"),
};
