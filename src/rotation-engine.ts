import type { Outside } from "./app.ts";
import type { Engine } from "./features/rotation/deps.ts";
import type { AzureOptions } from "./adapters/azure/index.ts";
import type { Remote, Rotators } from "./features/rotation/port.ts";
import { systemClock } from "./kernel/clock.ts";
import { once } from "./kernel/once.ts";

/** What rotates, as a command and as a duty. */
export async function rotationEngine({ store, environment, onCall }: Outside): Promise<Omit<Engine, "warn">> {
  const { outbox } = await import("./features/events/outbox.ts");
  const clock = systemClock;
  return {
    store,
    clock,
    outbox: outbox({ store, clock }),
    rotators: azureRotators({ store, clock, environment, onCall }),
    remote: once(() => azureRemote({ store, clock, environment, onCall })),
    // What a person sees at Azure beside the credentials of others.
    newMark: () => `usc ${crypto.randomUUID()}`,
  };
}

/** Each with a session of its own, whose connections and tokens serve all its steps. */
export function azureRotators(options: AzureOptions): Rotators {
  const clientSecret = once(async () => (await import("./adapters/azure/client-secret-rotator.ts")).clientSecretRotator(options));
  return {
    "api-key": clientSecret,
    target: clientSecret,
    password: once(async () => (await import("./adapters/azure/user-password-rotator.ts")).userPasswordRotator(options)),
    "azure-storage-account": once(async () => (await import("./adapters/azure/storage-key-rotator.ts")).storageKeyRotator(options)),
  };
}

export async function azureRemote(options: AzureOptions): Promise<Remote> {
  const { azureObjects } = await import("./adapters/azure/index.ts");
  const { objectReference: readReference } = await import("./adapters/azure/object-reference.ts");
  const { openVault } = await import("./features/connectors/open.ts");
  const { remoteSecrets } = await import("./features/objects/remote.ts");
  const { store, clock } = options;
  return remoteSecrets({ adapter: azureObjects(options), clock, openVault: openVault(store), readReference });
}
