import { UscError } from "../../src/kernel/errors.ts";
import type { ObjectAdapter, Secret } from "../../src/features/objects/port.ts";

/** One vault as Key Vault behaves, without a network: versions, soft delete, pages of `pageSize`, and switches for what may go wrong. */
export function fakeVault({ pageSize = 25 }: { pageSize?: number } = {}) {
  const live = new Map<string, Secret[]>();
  const deleted = new Map<string, Secret[]>();
  const seen: string[] = [];
  const switches: { forbidGet?: boolean; pollsUntilVisible: number } = { pollsUntilVisible: 0 };
  let made = 0;
  const absent = (name: string): UscError => new UscError("not_found", `The secret ${name} does not exist.`);

  const adapter: ObjectAdapter = {
    async *pages(_vault, { size = pageSize, token } = {}) {
      const names = [...live.keys()].sort();
      for (let start = token === undefined ? 0 : Number(token); start === 0 || start < names.length; start += size) {
        seen.push(`list ${start}`);
        const items = names.slice(start, start + size).flatMap((name) => {
          const latest = live.get(name)?.at(-1);
          return latest ? [{ ...latest, id: latest.id.replace(/\/[0-9a-f]{32}$/u, "") }] : [];
        });
        yield { items, ...(start + size < names.length ? { next: String(start + size) } : {}) };
      }
    },
    get: async (_vault, name, version) => {
      seen.push(`get ${name}`);
      if (switches.forbidGet) throw new UscError("forbidden", "The role is missing.");
      const found = live.get(name)?.findLast((secret) => version === undefined || secret.version === version);
      if (!found) throw absent(name);
      return found;
    },
    set: async (vault, name, write) => {
      seen.push(`set ${name}`);
      if (deleted.has(name)) throw new UscError("conflict", `The secret ${name} is soft-deleted.`);
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
        created: 1_700_000_000_000,
        updated: 1_700_000_000_000,
        ...(contentType === undefined ? {} : { contentType }),
        ...(expires === undefined ? {} : { expires }),
        ...(notBefore === undefined ? {} : { notBefore }),
      };
      live.set(name, [...(live.get(name) ?? []), secret]);
      return secret;
    },
    delete: async (_vault, name) => {
      seen.push(`delete ${name}`);
      const versions = live.get(name);
      const latest = versions?.at(-1);
      if (!versions || !latest) throw absent(name);
      live.delete(name);
      deleted.set(name, versions);
      return latest;
    },
    deleted: async (_vault, name) => {
      seen.push(`deleted ${name}`);
      return deleted.get(name)?.at(-1);
    },
    purge: async (_vault, name) => {
      seen.push(`purge ${name}`);
      if (switches.pollsUntilVisible > 0) {
        switches.pollsUntilVisible -= 1;
        return "deleting";
      }
      return deleted.delete(name) ? "purged" : "absent";
    },
  };
  return { adapter, live, deleted, seen, switches };
}
