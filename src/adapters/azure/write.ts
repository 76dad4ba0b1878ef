import type { SecretClient } from "@azure/keyvault-secrets";
import type { DeletedSecret, SecretProperties, SecretWrite, Vault } from "../../features/objects/port.ts";
import { Deleted, Properties } from "./answers.ts";
import { refusal, refusalCodes } from "./errors.ts";
import { answered } from "./read.ts";
import { throughSdk } from "./sdk.ts";
import type { Session } from "./session.ts";
import type { Reply } from "./transport.ts";
import { UscError } from "../../kernel/errors.ts";

export async function setSecret(session: Session, vault: Vault, name: string, write: SecretWrite): Promise<SecretProperties> {
  const { value, contentType, enabled, tags } = write;
  const options = { ...defined({ contentType, enabled, tags }), ...dates(write) };
  const effect = `whether the secret ${name} was written`;
  const reply = await throughSdk(session, vault, effect, (client: SecretClient) => client.setSecret(name, value, options));
  if (reply.status !== 200) throw refusal(reply, vault, name);
  return answered(Properties, reply, vault);
}

/** One request. The SDK's poller would wait for the deletion to become visible; the port leaves that to its caller. */
export async function deleteSecret(session: Session, vault: Vault, name: string): Promise<DeletedSecret> {
  const effect = `whether the secret ${name} was deleted`;
  const reply = await throughSdk(session, vault, effect, (client) => client.beginDeleteSecret(name));
  if (reply.status !== 200) throw refusal(reply, vault, name);
  return answered(Deleted, reply, vault);
}

export async function purgeSecret(session: Session, vault: Vault, name: string): Promise<"purged" | "deleting" | "absent"> {
  const effect = `whether the secret ${name} was purged`;
  const reply = await throughSdk(session, vault, effect, (client) => client.purgeDeletedSecret(name));
  if (reply.status === 204) return "purged";
  return notPurged(reply, vault, name);
}

function notPurged(reply: Reply, vault: Vault, name: string): "deleting" | "absent" {
  const { code, inner } = refusalCodes(reply);
  if (reply.status === 409 && inner === "ObjectIsBeingDeleted") return "deleting";
  if (reply.status === 404 && code === "SecretNotFound") return "absent";
  // Purge protection has no inner code of its own; what a role, a policy or a firewall refuses has one.
  if (reply.status === 403 && code === "Forbidden" && inner === undefined) {
    throw new UscError("conflict", `The secret ${name} stays soft-deleted: the vault does not let it be purged.`, {
      hint: "The vault has purge protection; Key Vault purges the secret when its retention ends.",
    });
  }
  throw refusal(reply, vault, name);
}

function dates({ expires, notBefore }: SecretWrite): { expiresOn?: Date; notBefore?: Date } {
  return {
    ...(expires === undefined ? {} : { expiresOn: new Date(expires) }),
    ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore) }),
  };
}

function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the filter is what the type says
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
