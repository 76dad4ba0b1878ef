import { SecretClient } from "@azure/keyvault-secrets";
import type { Deleted, Purge, Recovery, SecretChanges, SecretProperties, SecretWrite, Vault } from "../../features/objects/port.ts";
import { present } from "../../kernel/present.ts";
import { Properties } from "./answers.ts";
import { refusal } from "./errors.ts";
import { findVersion, lookedUp, orAbsent, sameTags, skewMs } from "./looked-up.ts";
import { answered, getObject, secrets } from "./read.ts";
import { deleteObject, purgeObject, recoverObject, type Removal } from "./removal.ts";
import { throughSdk } from "./sdk.ts";
import type { Session } from "./session.ts";

const removal: Removal<SecretClient> = {
  client: SecretClient,
  delete: (client, name) => client.beginDeleteSecret(name),
  purge: (client, name) => client.purgeDeletedSecret(name),
};

export const deleteSecret = (session: Session, vault: Vault, name: string): Promise<Deleted<SecretProperties>> =>
  deleteObject(session, vault, secrets, removal, name);

export const purgeSecret = (session: Session, vault: Vault, name: string): Promise<Purge> =>
  purgeObject(session, vault, secrets, removal, name);

export const recoverSecret = (session: Session, vault: Vault, name: string): Promise<Recovery> =>
  recoverObject(session, vault, secrets, name);

export function setSecret(session: Session, vault: Vault, name: string, wish: SecretWrite): Promise<SecretProperties> {
  const begun = wholeSecond(session.clock.now());
  return lookedUp(
    session,
    vault,
    () => sendSet(session, vault, name, wish),
    async () => {
      const latest = await getObject(session, vault, secrets, name).catch(orAbsent);
      if (latest === undefined || latest.created === undefined) return undefined;
      const { value, ...face } = latest;
      // The same secret of a moment before the write is as good as ours.
      if (latest.created >= begun - skewMs && value === wish.value && isExactly(face, wish)) return face;
      // Somebody has written since: ours may lie below theirs, and must not be put on top of it.
      return latest.created > begun ? "unclear" : undefined;
    },
  );
}

export function changeSecret(
  session: Session,
  vault: Vault,
  name: string,
  version: string | undefined,
  changes: SecretChanges,
): Promise<SecretProperties> {
  return lookedUp(
    session,
    vault,
    () => sendChange(session, vault, name, version, changes),
    async () => {
      const found = await findVersion(session, vault, secrets, name, version);
      return found !== undefined && agrees(found, changes) ? found : undefined;
    },
  );
}

/** Whether it is what a new version of this wish looks like: what was left out is absent. */
function isExactly(found: SecretProperties, wish: SecretWrite): boolean {
  const { contentType, enabled = true, expires, notBefore, tags = {} } = wish;
  const absent = (["contentType", "expires", "notBefore"] as const).every((key) => wish[key] !== undefined || found[key] === undefined);
  return absent && agrees(found, { contentType, enabled, expires, notBefore, tags });
}

/** Whether all that was wished for is so. Key Vault keeps times to the second. */
function agrees(found: SecretProperties, wish: SecretChanges): boolean {
  const { contentType, enabled, expires, notBefore, tags } = wish;
  return (
    (contentType === undefined || contentType === found.contentType) &&
    (enabled === undefined || enabled === found.enabled) &&
    (expires === undefined || wholeSecond(expires) === found.expires) &&
    (notBefore === undefined || wholeSecond(notBefore) === found.notBefore) &&
    (tags === undefined || sameTags(tags, found.tags))
  );
}

const wholeSecond = (ms: number): number => Math.floor(ms / 1000) * 1000;

async function sendSet(session: Session, vault: Vault, name: string, write: SecretWrite): Promise<SecretProperties> {
  const { value, contentType, enabled, tags } = write;
  const options = present({ contentType, enabled, tags });
  const effect = `whether the secret ${name} was written`;
  const reply = await throughSdk(session, vault, effect, SecretClient, (client) => client.setSecret(name, value, options), dates(write));
  if (reply.status !== 200) throw refusal(reply, vault, name);
  return answered(Properties, reply, vault);
}

async function sendChange(
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
    SecretClient,
    (client) => client.updateSecretProperties(name, version ?? "", options),
    dates(times),
  );
  if (reply.status !== 200) throw refusal(reply, vault, name);
  return answered(Properties, reply, vault);
}

/** Seconds, for the wire: the SDK cuts them to 32 bits, and a date after January 2038 becomes one before 1970. */
const dates = ({ expires, notBefore }: Pick<SecretChanges, "expires" | "notBefore">): { attributes: { exp?: number; nbf?: number } } => ({
  attributes: present({ exp: secondsOf(expires), nbf: secondsOf(notBefore) }),
});

const secondsOf = (epochMs: number | undefined): number | undefined => (epochMs === undefined ? undefined : Math.floor(epochMs / 1000));
