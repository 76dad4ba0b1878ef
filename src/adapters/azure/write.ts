import type { SecretClient } from "@azure/keyvault-secrets";
import type { DeletedSecret, ObjectAdapter, SecretChanges, SecretProperties, SecretWrite, Vault } from "../../features/objects/port.ts";
import { present } from "../../kernel/present.ts";
import { Deleted, Properties } from "./answers.ts";
import { refusal, refusalCodes } from "./errors.ts";
import { answered, serviceVersion } from "./read.ts";
import { throughSdk } from "./sdk.ts";
import { call, type Session } from "./session.ts";
import type { Reply } from "./transport.ts";

export async function setSecret(session: Session, vault: Vault, name: string, write: SecretWrite): Promise<SecretProperties> {
  const { value, contentType, enabled, tags } = write;
  const options = present({ contentType, enabled, tags });
  const effect = `whether the secret ${name} was written`;
  const reply = await throughSdk(session, vault, effect, (client: SecretClient) => client.setSecret(name, value, options), dates(write));
  if (reply.status !== 200) throw refusal(reply, vault, name);
  return answered(Properties, reply, vault);
}

export async function changeSecret(
  session: Session,
  vault: Vault,
  name: string,
  version: string | undefined,
  { contentType, enabled, tags, ...times }: SecretChanges,
): Promise<SecretProperties> {
  const options = present({ contentType, enabled, tags });
  const effect = `whether the attributes of ${name} were changed`;
  const reply = await throughSdk(
    session,
    vault,
    effect,
    (client) => client.updateSecretProperties(name, version ?? "", options),
    dates(times),
  );
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

type Recovery = Awaited<ReturnType<ObjectAdapter["recover"]>>;
type Purge = Awaited<ReturnType<ObjectAdapter["purge"]>>;

/** Not through the SDK: its poller first reads the live secret, and would take that for the answer. */
export async function recoverSecret(session: Session, vault: Vault, name: string): Promise<Recovery> {
  const effect = `whether the recovery of ${name} has begun`;
  const path = `/deletedsecrets/${name}/recover?api-version=${serviceVersion}`;
  const reply = await call(session, vault, { method: "POST", path, effect });
  if (reply.status === 200) {
    answered(Properties, reply, vault);
    return "recovering";
  }
  const { code, inner } = refusalCodes(reply);
  if (reply.status === 400 && inner === "RequestNotAllowedOnNonDeletedObject") return "live";
  if (reply.status === 409 && inner !== undefined && inner.startsWith("ObjectIsBeing")) return "deleting";
  if (reply.status === 404 && code === "SecretNotFound") return "absent";
  throw refusal(reply, vault, name);
}

export async function purgeSecret(session: Session, vault: Vault, name: string): Promise<Purge> {
  const effect = `whether the secret ${name} was purged`;
  const reply = await throughSdk(session, vault, effect, (client) => client.purgeDeletedSecret(name));
  if (reply.status === 204) return "purged";
  return notPurged(reply, vault, name);
}

function notPurged(reply: Reply, vault: Vault, name: string): Purge {
  const { code, inner } = refusalCodes(reply);
  if (reply.status === 409 && inner === "ObjectIsBeingDeleted") return "deleting";
  if (reply.status === 404 && code === "SecretNotFound") return "absent";
  // Purge protection has no inner code of its own; what a role, a policy or a firewall refuses has one.
  if (reply.status === 403 && code === "Forbidden" && inner === undefined) return "protected";
  throw refusal(reply, vault, name);
}

/** Seconds, for the wire: the SDK cuts them to 32 bits, and a date after January 2038 becomes one before 1970. */
const dates = ({ expires, notBefore }: Pick<SecretChanges, "expires" | "notBefore">): { exp?: number; nbf?: number } =>
  present({ exp: secondsOf(expires), nbf: secondsOf(notBefore) });

const secondsOf = (epochMs: number | undefined): number | undefined => (epochMs === undefined ? undefined : Math.floor(epochMs / 1000));
