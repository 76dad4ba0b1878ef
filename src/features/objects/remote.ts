import type { Clock } from "../../kernel/clock.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { carried } from "./attributes.ts";
import { withoutVersion } from "./object-id.ts";
import type { ObjectAdapter, OpenVault, ReadReference, Secret, Vault } from "./port.ts";
import { checkLimits, toStored } from "./value.ts";

interface Deps {
  adapter: ObjectAdapter;
  clock: Clock;
  openVault: OpenVault;
  readReference: ReadReference;
}

/** A look and a write: short, since somebody waits to go on. */
const withinMs = 20_000;

/** For rooms that keep a value of their own in vaults as well. */
export const remoteSecrets = ({ adapter, clock, openVault, readReference }: Deps) => ({
  async nameOf(connector: string, given: string): Promise<string> {
    const { name, version } = readReference(await openVault(connector), given, "secret");
    if (version === undefined) return name;
    throw new UscError("usage", "The remote secret's name has a version, and its value will have many.");
  },

  /** As `update` does it: what the version before had is carried to the new one. Where the value stands already there is no new one. */
  async put(connector: string, name: string, value: string): Promise<string> {
    const vault = await openVault(connector, { deadline: clock.now() + withinMs });
    const before = await latest(adapter, vault, name);
    if (before?.value === value) return withoutVersion(before.id);
    const { changes } = before === undefined ? { changes: { tags: {} } } : carried(before, clock.now());
    const { tags } = changes;
    const write = checkLimits({ ...changes, ...toStored(value, {}), tags: { ...vault.connector["usc-tags"], ...tags } });
    const made = await adapter.set(vault, name, write).catch((error: unknown) => Promise.reject(hinted(error, connector, name)));
    return withoutVersion(made.id);
  },

  /** Key Vault has taken the deletion when it resolves; nobody waits until it shows. */
  async remove(connector: string, name: string): Promise<void> {
    const vault = await openVault(connector, { deadline: clock.now() + withinMs });
    await adapter.delete(vault, name).catch((error: unknown) => {
      if (!isCode(error, "not_found") && !isCode(error, "conflict", "deleting")) throw error;
    });
  },
});

async function latest(adapter: ObjectAdapter, vault: Vault, name: string): Promise<Secret | undefined> {
  const found = await adapter.get(vault, name).catch((error: unknown): undefined => {
    if (!isCode(error, "not_found")) throw error;
  });
  if (found === undefined || !found.managed) return found;
  throw new UscError("conflict", `The secret ${name} belongs to a certificate, so it takes no other value.`, {
    hint: "Give another --remote-secret-name.",
  });
}

/** Nobody who keeps a value in a vault is asked what to do about a deleted one of that name. */
const hinted = (error: unknown, connector: string, name: string): unknown =>
  isCode(error, "conflict", "deleted")
    ? new UscError("conflict", error.message, {
        ...error.details,
        hint: `usc recover --usc-name ${connector} --secret-id ${name}, or usc purge with the same`,
      })
    : error;
