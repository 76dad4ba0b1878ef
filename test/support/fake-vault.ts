import { UscError, type Reason } from "../../src/kernel/errors.ts";
import type { DeletedSecret, ObjectAdapter, Secret, SecretProperties, Vault } from "../../src/features/objects/port.ts";

const day = 86_400_000;
const start = 1_700_000_000_000;
/** The URL of a vault in which the target may do nothing. */
export const withoutRole = "https://without-role.vault.azure.net";

/** One vault as Key Vault behaves, without a network: versions, soft delete, pages of `pageSize`, and switches for what may go wrong. */
export function fakeVault({ pageSize = 25 }: { pageSize?: number } = {}) {
  const live = new Map<string, Secret[]>();
  const deleted = new Map<string, Secret[]>();
  const seen: string[] = [];
  /** `pollsUntilVisible`: looks that a deletion, recovery or purge needs until it shows; `getsUntilBack`: that a live one needs to be found. */
  const switches: {
    forbidGet?: boolean;
    forbidDeleted?: boolean;
    purgeProtection?: boolean;
    pollsUntilVisible: number;
    getsUntilBack: number;
  } = { pollsUntilVisible: 0, getsUntilBack: 0 };
  let made = 0;
  const absent = (name: string): UscError => new UscError("not_found", `The secret ${name} does not exist.`);
  const refuse = (code: "forbidden" | "conflict", sentence: string, reason?: Reason): UscError => new UscError(code, sentence, { reason });
  const settled = (): boolean => switches.pollsUntilVisible === 0 || (switches.pollsUntilVisible--, false);
  const admit = (vault: Vault): void => {
    if (vault.url === withoutRole) throw refuse("forbidden", "The role is missing.");
  };
  const face = ({ value: _value, ...properties }: Secret): SecretProperties => properties;
  const unversioned = ({ version: _version, ...item }: SecretProperties): SecretProperties => ({
    ...item,
    id: item.id.replace(/\/[0-9a-f]{32}$/u, ""),
  });
  const gone = (versions: Secret[] | undefined): DeletedSecret | undefined => {
    const latest = versions?.at(-1);
    return latest && { ...face(latest), deleted: start, scheduledPurge: start + 90 * day };
  };

  async function* paged<Item extends SecretProperties>(
    vault: Vault,
    what: string,
    items: readonly Item[],
    size = pageSize,
    token?: string,
  ) {
    admit(vault);
    for (let at = token === undefined ? 0 : Number(token); at === 0 || at < items.length; at += size) {
      seen.push(`${what} ${at}`);
      yield { items: items.slice(at, at + size), ...(at + size < items.length ? { next: String(at + size) } : {}) };
    }
  }

  const adapter: ObjectAdapter = {
    noun: "secret",
    pages: (vault, { size, token } = {}) => {
      const items = [...live.keys()].sort().flatMap((name) => live.get(name)?.slice(-1).map(face).map(unversioned) ?? []);
      return paged(vault, "list", items, size, token);
    },
    versions: (vault, name) =>
      paged(
        vault,
        `versions ${name}`,
        (live.get(name) ?? []).map(face).sort((a, b) => (a.id < b.id ? 1 : -1)),
      ),
    deletedPages: (vault, { size, token } = {}) =>
      paged(
        vault,
        "deleted",
        [...deleted.values()].flatMap((versions) => gone(versions) ?? []),
        size,
        token,
      ),
    get: async (vault, name, version) => {
      admit(vault);
      seen.push(`get ${name}`);
      if (switches.forbidGet) throw refuse("forbidden", "The role is missing.");
      const found = live.get(name)?.findLast((secret) => version === undefined || secret.version === version);
      if (!found || switches.getsUntilBack-- > 0) throw absent(name);
      if (!found.enabled) throw refuse("forbidden", `The secret ${name} is disabled.`, "disabled");
      return found;
    },
    set: async (vault, name, write) => {
      admit(vault);
      seen.push(`set ${name}`);
      if (write.value.length > 25_600) throw new UscError("usage", "The value is too long.");
      if (deleted.has(name)) throw refuse("conflict", `The secret ${name} is soft-deleted.`, "deleted");
      made += 1;
      const version = made.toString(16).padStart(32, "0");
      const { contentType, expires, notBefore } = write;
      const secret: Secret = {
        id: `${vault.url}/secrets/${name}/${version}`,
        name,
        version,
        value: write.value,
        enabled: write.enabled ?? true,
        tags: write.tags ?? {},
        managed: false,
        created: start + made * 1000,
        updated: start + made * 1000,
        ...(contentType === undefined ? {} : { contentType }),
        ...(expires === undefined ? {} : { expires }),
        ...(notBefore === undefined ? {} : { notBefore }),
      };
      live.set(name, [...(live.get(name) ?? []), secret]);
      return face(secret);
    },
    change: async (vault, name, version, changes) => {
      admit(vault);
      seen.push(`change ${name}`);
      const found = live.get(name)?.findLast((secret) => version === undefined || secret.version === version);
      if (!found) throw absent(name);
      return face(Object.assign(found, Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))));
    },
    delete: async (vault, name) => {
      admit(vault);
      seen.push(`delete ${name}`);
      const versions = live.get(name);
      if (!versions) throw absent(name);
      live.delete(name);
      deleted.set(name, versions);
      return gone(versions) ?? Promise.reject(absent(name));
    },
    deleted: async (vault, name) => {
      admit(vault);
      seen.push(`deleted ${name}`);
      if (switches.forbidDeleted) throw refuse("forbidden", "The role is missing.");
      return settled() ? gone(deleted.get(name)) : undefined;
    },
    recover: async (vault, name) => {
      admit(vault);
      seen.push(`recover ${name}`);
      const versions = deleted.get(name);
      if (live.has(name)) return "live";
      if (!versions) return "absent";
      if (!settled()) return "deleting";
      deleted.delete(name);
      live.set(name, versions);
      return "recovering";
    },
    purge: async (vault, name) => {
      admit(vault);
      seen.push(`purge ${name}`);
      if (!deleted.has(name)) return "absent";
      if (switches.purgeProtection) return "protected";
      if (!settled()) return "deleting";
      deleted.delete(name);
      return "purged";
    },
  };
  return { adapter, live, deleted, seen, switches };
}
