import { randomBytes } from "node:crypto";
import type { Authority } from "./authority.ts";
import { shiftable, type Clock, type ShiftableClock } from "./clock.ts";
import type { Directory } from "./directory.ts";
import { completedDirectory, createDirectory } from "./directory-begin.ts";
import { identitiesOf } from "./identities.ts";
import { isVaultName } from "./hosts.ts";
import type { Issuer } from "./certificate-issuers.ts";
import type { Certificate } from "./certificate-state.ts";
import type { Shelf } from "./persist.ts";
import { createRoleBook, type RoleBook } from "./roles.ts";
import { keptRoles, type StoredRoles } from "./roles-kept.ts";
import { defaultSettings, type Settings } from "./settings.ts";
import { StartRefused } from "./start-refused.ts";
import { createStorageAccount, type StorageAccount } from "./storage-accounts.ts";
import { createSigner, type Signer } from "./token.ts";
import { completed, type VaultProperties } from "./vault-properties.ts";
import { createVault, type Secret, type VaultState } from "./vault-state.ts";

/** All that one local Azure remembers. */
export interface World {
  clock: ShiftableClock;
  settings: Settings;
  roles: RoleBook;
  directory: Directory;
  signer: Signer;
  authority: Authority;
  backupKey: Buffer;
  vaults: Map<string, VaultState>;
  /** By name. */
  storage: Map<string, StorageAccount>;
  /** Ports by the name of their listener, so that a data folder comes back under the same URLs. */
  ports: Record<string, number>;
  saved(): Promise<void>;
}

/** The file in the data folder. Only `save` below writes it. */
interface Stored extends StoredRoles {
  version: 2;
  directory: Directory;
  signingKey: string;
  authority: Authority;
  backupKey: string;
  vaults: StoredVault[];
  settings: Settings;
  /** Not in the file of an earlier local Azure. */
  storage?: StorageAccount[];
  ports: Record<string, number>;
}

interface StoredVault {
  name: string;
  properties: VaultProperties;
  secrets: Secret[];
  /** Not in the file of an earlier local Azure. */
  certificates?: Certificate[];
  issuers?: Issuer[];
}

export async function createWorld(options: { clock: Clock; vaults: readonly string[]; shelf: Shelf | undefined }): Promise<World> {
  const { shelf } = options;
  const stored = await loadStored(shelf);
  // A new RSA key takes its time on another thread, and the X.509 library takes about as long to load and run on this one.
  const signer = createSigner(stored?.signingKey);
  const { createAuthority, isFresh } = await import("./authority.ts");
  const authority = stored !== undefined && isFresh(stored.authority) ? stored.authority : createAuthority();
  const clock = shiftable(options.clock);
  const directory = stored === undefined ? createDirectory(clock.now()) : completedDirectory(stored.directory, clock.now());
  const world: World = {
    clock,
    settings: settingsAfter(stored?.settings),
    roles: createRoleBook(keptRoles(stored, directory), (principal, now) => identitiesOf(directory, principal, now)),
    directory,
    signer: await signer,
    authority,
    backupKey: stored === undefined ? randomBytes(32) : Buffer.from(stored.backupKey, "base64"),
    vaults: new Map((stored?.vaults ?? []).map((vault) => [vault.name, awake(vault)])),
    storage: new Map((stored?.storage ?? [createStorageAccount("demostorage", clock.now())]).map((account) => [account.name, account])),
    ports: stored?.ports ?? {},
    saved: async () => shelf?.save(() => snapshot(world)),
  };
  for (const name of options.vaults) {
    if (!isVaultName(name)) {
      throw new StartRefused("unusable", `"${name}" is no vault name: 3 to 24 small letters, digits and dashes, a letter first.`);
    }
    if (!world.vaults.has(name)) world.vaults.set(name, createVault(name, directory.servicePrincipals[0]?.objectId ?? ""));
  }
  return world;
}

function snapshot(world: World): Stored {
  return {
    version: 2,
    directory: world.directory,
    signingKey: world.signer.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    authority: world.authority,
    backupKey: world.backupKey.toString("base64"),
    vaults: [...world.vaults.values()].map(asleep),
    settings: world.settings,
    ...world.roles.kept(),
    storage: [...world.storage.values()],
    ports: world.ports,
  };
}

async function loadStored(shelf: Shelf | undefined): Promise<Stored | undefined> {
  const loaded: unknown = await shelf?.load();
  if (loaded === undefined || isStored(loaded)) return loaded;
  throw new StartRefused(
    "unusable",
    "The data folder was written by another version of the local Azure.",
    "Give --data-dir an empty folder.",
  );
}

function isStored(value: unknown): value is Stored {
  return typeof value === "object" && value !== null && "version" in value && value.version === 2;
}

function settingsAfter(stored: Settings | undefined): Settings {
  const fresh = defaultSettings();
  return {
    ...fresh,
    ...stored,
    delays: { ...fresh.delays, ...stored?.delays },
    replication: { ...fresh.replication, ...stored?.replication },
    arm: { ...fresh.arm, ...stored?.arm },
    graph: { ...fresh.graph, ...stored?.graph },
  };
}

function awake({ name, properties, secrets, certificates = [], issuers = [] }: StoredVault): VaultState {
  return {
    name,
    properties: completed(properties),
    secrets: byName(secrets),
    certificates: byName(certificates),
    issuers: byName(issuers),
  };
}

function asleep({ name, properties, secrets, certificates, issuers }: VaultState): StoredVault {
  return { name, properties, secrets: [...secrets.values()], certificates: [...certificates.values()], issuers: [...issuers.values()] };
}

function byName<T extends { name: string }>(objects: readonly T[]): Map<string, T> {
  return new Map(objects.map((object) => [object.name.toLowerCase(), object]));
}
