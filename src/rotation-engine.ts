import type { Outside } from "./app.ts";
import type { Engine } from "./features/rotation/deps.ts";
import type { Rotators } from "./features/rotation/port.ts";
import type { AzureOptions } from "./adapters/azure/index.ts";
import { systemClock } from "./kernel/clock.ts";

/** What rotates, as a command and as a duty. */
export async function rotationEngine({ store, environment, onCall }: Outside): Promise<Omit<Engine, "warn">> {
  const { outbox } = await import("./features/events/outbox.ts");
  const clock = systemClock;
  return {
    store,
    clock,
    outbox: outbox({ store, clock }),
    rotators: azureRotators({ store, clock, environment, onCall }),
    // What a person sees at Azure beside the credentials of others.
    newMark: () => `usc ${crypto.randomUUID()}`,
  };
}

export function azureRotators(options: AzureOptions): Rotators {
  const clientSecret = async () => (await import("./adapters/azure/client-secret-rotator.ts")).clientSecretRotator(options);
  return {
    "api-key": clientSecret,
    target: clientSecret,
    password: async () => (await import("./adapters/azure/user-password-rotator.ts")).userPasswordRotator(options),
    "azure-storage-account": async () => (await import("./adapters/azure/storage-key-rotator.ts")).storageKeyRotator(options),
  };
}
