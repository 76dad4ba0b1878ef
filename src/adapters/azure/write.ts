import type { DeletedSecret, SecretProperties, SecretWrite, Vault } from "../../features/objects/port.ts";
import { Deleted, Properties } from "./answers.ts";
import { refusal } from "./errors.ts";
import { answered, apiVersion } from "./read.ts";
import { call, type Session } from "./session.ts";

export async function setSecret(session: Session, vault: Vault, name: string, write: SecretWrite): Promise<SecretProperties> {
  const body = JSON.stringify({
    value: write.value,
    contentType: write.contentType,
    tags: write.tags,
    attributes: { enabled: write.enabled, exp: seconds(write.expires), nbf: seconds(write.notBefore) },
  });
  const effect = `whether the secret ${name} was written`;
  const reply = await call(session, vault, { method: "PUT", path: `/secrets/${name}?${apiVersion}`, body, effect });
  if (reply.status !== 200) throw refusal(reply, vault, name);
  return answered(Properties, reply, vault);
}

export async function deleteSecret(session: Session, vault: Vault, name: string): Promise<DeletedSecret> {
  const effect = `whether the secret ${name} was deleted`;
  const reply = await call(session, vault, { method: "DELETE", path: `/secrets/${name}?${apiVersion}`, effect });
  if (reply.status !== 200) throw refusal(reply, vault, name);
  return answered(Deleted, reply, vault);
}

export async function purgeSecret(session: Session, vault: Vault, name: string): Promise<"purged" | "deleting" | "absent"> {
  const effect = `whether the secret ${name} was purged`;
  const reply = await call(session, vault, { method: "DELETE", path: `/deletedsecrets/${name}?${apiVersion}`, effect });
  if (reply.status === 204) return "purged";
  if (reply.status === 409) return "deleting";
  if (reply.status === 404) return "absent";
  throw refusal(reply, vault, name);
}

const seconds = (epochMs: number | undefined): number | undefined => (epochMs === undefined ? undefined : Math.floor(epochMs / 1000));
