import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import { rfc3339 } from "../../kernel/clock.ts";
import { isCode } from "../../kernel/errors.ts";
import type { RecordKind } from "../../kernel/store.ts";
import type { Deps } from "./deps.ts";
import { deleteForGood, keyOf, type Lifecycle } from "./lifecycle.ts";
import type { Vault } from "./port.ts";
import { type Life, lifeOf } from "./shelf.ts";

/** An object that a check has put into a vault: kept until it is gone, so that a crash does not leave it there for good. */
const Probe = once(() =>
  z.object({
    "vault-url": z.string(),
    name: z.string(),
    noun: z.optional(z.enum(["secret", "certificate"])),
    until: z.number(),
  }),
);
type Probe = z.infer<ReturnType<typeof Probe>>;

const probes: RecordKind<Probe> = { name: "probes", noun: "probe of a check", schema: Probe };

/** Written before the probe is. `until`: when no check can still be at work on it, in epoch milliseconds. */
export async function announceProbe({ store, adapter: { noun } }: Lifecycle, vault: Vault, name: string, until: number): Promise<void> {
  await store.commit([store.collection(probes).put(keyOf(vault, name, noun), { "vault-url": vault.url, name, noun, until })]);
}

/** Removes a probe for good; where the vault protects what is deleted, tells what stays and until when. */
export async function removeProbe(life: Life, vault: Vault, name: string, resume: string): Promise<string | undefined> {
  let stays: string | undefined;
  try {
    if (life.adapter.noun === "secret") await deleteForGood(life, vault, name, resume);
    else await (await import("./certificate-probe.ts")).removeCertificate(life, vault, name, resume);
  } catch (error) {
    // With a reason, Key Vault is only still at work on that name.
    if (isCode(error, "conflict") && error.details.reason === undefined) {
      const { scheduledPurge } = (await life.adapter.deleted(vault, name)) ?? {};
      stays = `${name} stays soft-deleted${scheduledPurge === undefined ? "" : ` until ${rfc3339(scheduledPurge)}`}: the vault has purge protection.`;
    } else if (!isCode(error, "not_found")) throw error;
  }
  await life.store.commit([life.store.collection(probes).remove(keyOf(vault, name, life.adapter.noun))]);
  return stays;
}

/** Finishes what a killed check has left in this vault; of one that may still run it only tells. */
export async function sweepProbes(deps: Deps, vault: Vault, resume: string): Promise<string[]> {
  const left = (await deps.store.collection(probes).list(keyOf(vault, ""))).map(({ value }) => value);
  const swept: string[] = [];
  for (const { name, noun, until } of left) {
    if (until > deps.clock.now()) {
      deps.steps.warn(`Another check may still use ${name}; after ${rfc3339(until)} the next one removes it.`);
      continue;
    }
    await removeProbe(await lifeOf(deps, { "object-type": noun }), vault, name, resume);
    swept.push(name);
  }
  return swept;
}
