import { UscError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { type Field, fieldsOf, fieldsOfType, type GivenType, requireOwnFields, selectors, typeGiven } from "./credential-inputs.ts";
import { wholeLine } from "./find.ts";
import { type ConnectionType, connectionTypeOf, type Target } from "./model.ts";
import type { ReadClientCertificate } from "./port.ts";

export type Given = GivenType & { [F in Field]?: (F extends "send-certificate-chain" ? boolean : string) | undefined };

/** The part of a record that says who the target is. */
type Credential = Pick<Target, Extract<Field, keyof Target> | "connection-type">;

/** Of a change: what is stored, and whether it is told to go to another cloud. */
interface Before {
  target: Target;
  cloud: string | undefined;
}

/**
 * What a record keeps of who the target is, from what was given and what stood there. `pinned`: its destination was stated in this very call. Fails with
 * `usage` for a field of another type, for one that is missing, and where a stored secret would go to a place that it was not given for.
 */
export async function credentialFrom(
  given: Given,
  before: Before | undefined,
  readCertificate: ReadClientCertificate,
): Promise<{ credential: Credential; pinned: boolean }> {
  const asked = typeGiven(given);
  const known = before === undefined ? undefined : connectionTypeOf(before.target);
  const type = asked ?? known ?? "credentials";
  requireOwnFields(type, given);
  const { ids, proof } = fieldsOfType[type];
  const kept = before === undefined ? {} : keptOf(before.target, type, given);
  if (type === known && before !== undefined) requireProofAgain(given, before, type);
  const whole = { ...kept, ...present(own(fieldsOf(type), given)) };
  const missing = [...ids, ...(proof === undefined ? [] : [proof])].find((field) => whole[field] === undefined);
  if (missing !== undefined) throw new UscError("usage", `--${missing} is missing.`, { hint: `--connection-type ${type} needs it.` });
  checkForms(given);
  const pem = await certificateFrom(given, readCertificate);
  return {
    credential: { ...whole, ...(pem === undefined ? {} : { "client-certificate": pem }), "connection-type": type },
    pinned: type !== known || (proof === undefined ? before?.cloud !== undefined : given[proof] !== undefined),
  };
}

/** What is neither of another type nor said anew. To name a type again, or an identity, is to say anew which of the machine's it is. */
function keptOf(target: Target, type: ConnectionType, given: Given): Omit<Credential, "connection-type"> {
  const isRestated = typeGiven(given) !== undefined || selectors.some((field) => given[field] !== undefined);
  const kept = fieldsOf(type).filter((field) => !(isRestated && selectors.some((selector) => selector === field)));
  return own(kept, target);
}

/** Those of the fields that a record keeps, and that are there. */
function own(
  fields: readonly Field[],
  from: { readonly [F in Field]?: string | boolean | undefined },
): Omit<Credential, "connection-type"> {
  const wanted = fields.filter((field) => field !== "client-certificate-password");
  return Object.fromEntries(wanted.map((field) => [field, from[field]]).filter(([, value]) => value !== undefined));
}

function requireProofAgain(given: Given, { target, cloud }: Before, type: ConnectionType): void {
  const { ids, proof } = fieldsOfType[type];
  if (proof === undefined || given[proof] !== undefined) return;
  const moved = ids.find((field) => given[field] !== undefined && given[field] !== target[field]);
  const field = moved ?? (cloud === undefined || cloud === target["azure-cloud"] ? undefined : "azure-cloud");
  if (field === undefined) return;
  const what = {
    "client-secret": "client secret",
    "client-certificate": "certificate's signature",
    "federated-token-file": "federated token",
  };
  throw new UscError("usage", `--${field} changes where the ${what[proof]} is sent, so --${proof} is needed again.`, {
    hint: `Give ${proof === "federated-token-file" ? "--federated-token-file" : `--${proof}-file`} PATH in the same call.`,
  });
}

function checkForms(given: Given): void {
  if (given["client-secret"] !== undefined) wholeLine(given["client-secret"]);
  const file = given["federated-token-file"];
  // From a relative one the folder in which a command is typed would say which token is sent.
  if (file !== undefined && !/^(?:\/|[A-Za-z]:[\\/])[^\u0000]*$/u.test(file)) {
    throw new UscError("usage", "--federated-token-file is not valid: expected an absolute path.", {
      hint: "In a pod it is the value of AZURE_FEDERATED_TOKEN_FILE.",
    });
  }
  const id = given["managed-identity-resource-id"];
  if (id !== undefined && !resourceId.test(id)) {
    throw new UscError("usage", "--managed-identity-resource-id is not valid.", {
      hint: "It looks like /subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.ManagedIdentity/userAssignedIdentities/NAME.",
    });
  }
}

const resourceId =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[\w.()-]{1,90}\/providers\/microsoft\.managedidentity\/userassignedidentities\/[\w-]{1,128}$/i;

async function certificateFrom(given: Given, read: ReadClientCertificate): Promise<string | undefined> {
  const { "client-certificate": text, "client-certificate-password": password } = given;
  if (text !== undefined) return read(Buffer.from(text), password);
  if (password === undefined) return undefined;
  throw new UscError("usage", "--client-certificate is missing: the password alone opens nothing.", {
    hint: "Give --client-certificate-file PATH with it.",
  });
}
