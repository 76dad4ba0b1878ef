import type { Outside } from "./app.ts";
import type { Engine } from "./features/rotation/deps.ts";
import { systemClock } from "./kernel/clock.ts";

/** What rotates, as a command and as a duty. */
export async function rotationEngine({ store, environment, onCall }: Outside): Promise<Omit<Engine, "warn">> {
  const { outbox } = await import("./features/events/outbox.ts");
  const clock = systemClock;
  return {
    store,
    clock,
    outbox: outbox({ store, clock }),
    rotator: async () =>
      (await import("./adapters/azure/client-secret-rotator.ts")).clientSecretRotator({ store, clock, environment, onCall }),
    // What a person sees at Azure beside the credentials of others.
    newMark: () => `usc ${crypto.randomUUID()}`,
  };
}
