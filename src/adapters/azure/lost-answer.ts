import { isCode } from "../../kernel/errors.ts";
import type { DeletedSecret, ObjectAdapter, SecretChanges, SecretProperties, SecretWrite, Vault } from "../../features/objects/port.ts";
import { lookedUp, orAbsent } from "./looked-up.ts";
import { getDeleted, getSecret, listVersions } from "./read.ts";
import type { Session } from "./session.ts";
import * as write from "./write.ts";

/** How far the vault's clock may be behind ours. */
const skewMs = 300_000;

export function setSecret(session: Session, vault: Vault, name: string, wish: SecretWrite): Promise<SecretProperties> {
  const begun = wholeSecond(session.clock.now());
  return lookedUp(
    session,
    vault,
    () => write.setSecret(session, vault, name, wish),
    async () => {
      const latest = await getSecret(session, vault, name).catch(orAbsent);
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
    () => write.changeSecret(session, vault, name, version, changes),
    async () => {
      const found = await findVersion(session, vault, name, version);
      return found !== undefined && agrees(found, changes) ? found : undefined;
    },
  );
}

// Of the list, and not got: a disabled version shows its attributes there alone.
async function findVersion(session: Session, vault: Vault, name: string, version: string | undefined) {
  let latest: SecretProperties | undefined;
  for await (const { items } of listVersions(session, vault, name)) {
    for (const item of items) {
      if (item.version === version) return item;
      if (latest === undefined || (item.created ?? 0) > (latest.created ?? 0)) latest = item;
    }
  }
  return version === undefined ? latest : undefined;
}

export function deleteSecret(session: Session, vault: Vault, name: string): Promise<DeletedSecret> {
  return lookedUp(
    session,
    vault,
    () => write.deleteSecret(session, vault, name),
    async () => {
      const deleted = session.clock.now();
      const gone = await getDeleted(session, vault, name);
      if (gone !== undefined) return { deleted, ...gone };
      if (await isLive(session, vault, name)) return undefined;
      // Not here and not there yet: on its way.
      return { id: `${vault.url}/secrets/${name}`, name, enabled: true, tags: {}, managed: false, deleted };
    },
  );
}

export const recoverSecret = (session: Session, vault: Vault, name: string): ReturnType<ObjectAdapter["recover"]> =>
  lookedUp(
    session,
    vault,
    () => write.recoverSecret(session, vault, name),
    async () => ((await isLive(session, vault, name)) ? "live" : undefined),
  );

export const purgeSecret = (session: Session, vault: Vault, name: string): ReturnType<ObjectAdapter["purge"]> =>
  lookedUp(
    session,
    vault,
    () => write.purgeSecret(session, vault, name),
    async () => {
      if ((await getDeleted(session, vault, name)) !== undefined) return undefined;
      // A live one never was among the deleted, so nothing of it was purged. Who may purge need not be allowed to look.
      const live = await isLive(session, vault, name).catch((error: unknown) => {
        if (!isCode(error, "forbidden")) throw error;
        return false;
      });
      return live ? "absent" : "purged";
    },
  );

async function isLive(session: Session, vault: Vault, name: string): Promise<boolean> {
  try {
    await getSecret(session, vault, name);
    return true;
  } catch (error) {
    if (isCode(error, "forbidden", "disabled")) return true;
    return orAbsent(error) ?? false;
  }
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

function sameTags(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
