import { SecretClient } from "@azure/keyvault-secrets";
import type { SecretChanges, SecretProperties, SecretWrite, Vault } from "../../features/objects/port.ts";
import { present } from "../../kernel/present.ts";
import { Properties } from "./answers.ts";
import { refusal } from "./errors.ts";
import { agrees, changedVersion, newVersion } from "./looked-up.ts";
import { answered, secrets } from "./read.ts";
import { removalOf } from "./removal.ts";
import { throughSdk } from "./sdk.ts";
import type { Session } from "./session.ts";

export const removal = removalOf(secrets, {
  client: SecretClient,
  delete: (client, name) => client.beginDeleteSecret(name),
  purge: (client, name) => client.purgeDeletedSecret(name),
});

export const setSecret = (session: Session, vault: Vault, name: string, wish: SecretWrite): Promise<SecretProperties> =>
  newVersion(
    session,
    vault,
    secrets,
    name,
    () => sendSet(session, vault, name, wish),
    ({ value, ...face }) => (value === wish.value && isExactly(face, wish) ? face : undefined),
  );

export const changeSecret = (
  session: Session,
  vault: Vault,
  name: string,
  version: string | undefined,
  changes: SecretChanges,
): Promise<SecretProperties> =>
  changedVersion(session, vault, secrets, name, version, changes, () => sendChange(session, vault, name, version, changes));

/** Whether it is what a new version of this wish looks like: what was left out is absent. */
function isExactly(found: SecretProperties, wish: SecretWrite): boolean {
  const { contentType, enabled = true, expires, notBefore, tags = {} } = wish;
  const absent = (["contentType", "expires", "notBefore"] as const).every((key) => wish[key] !== undefined || found[key] === undefined);
  return absent && agrees(found, { contentType, enabled, expires, notBefore, tags });
}

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
