import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { isCode, isDisabled, UscError } from "../../kernel/errors.ts";
import type { RecordKind, Store } from "../../kernel/store.ts";
import type { Steps } from "../../kernel/steps.ts";
import { poll } from "./poll.ts";
import { typeFlag, type Deleted, type Noun, type Shelf, type Vault } from "./port.ts";

/**
 * Soft delete is a state machine: live -> being deleted -> deleted -> (being recovered -> live | being purged -> gone). Key Vault answers before it
 * has arrived, so each of these waits until the new state can be seen, and begins wherever the object happens to be.
 */
export interface Lifecycle {
  store: Store;
  adapter: Shelf;
  clock: Clock;
  steps: Steps;
}

/** A deletion that may be under way: until when, in epoch milliseconds. */
const Deletion = once(() => z.object({ until: z.number() }));
const deletions: RecordKind<z.infer<ReturnType<typeof Deletion>>> = { name: "deletions", noun: "deletion", schema: Deletion };
/** What the store knows an object by. */
export const keyOf = (vault: Vault, name: string, noun: Noun = "secret"): string =>
  `${vault.url} ${noun === "secret" ? "" : `${noun}s/`}${name.toLowerCase()}`;

/** How long a deletion may be under way and not show: shorter than a command waits, so that it sees the end of that. */
const hiddenMs = 150_000;

/** Deletes, and waits until the deleted object can be seen; undefined in a vault without soft delete, where it is gone at once. */
export async function softDelete(life: Lifecycle, vault: Vault, name: string, resume: string): Promise<Deleted | undefined> {
  const deleted = await beginDeletion(life, vault, name, resume);
  await forgetDeletion(life, vault, name);
  return deleted;
}

/** Where the object has been seen to arrive, no deletion of it is under way any more. */
async function forgetDeletion({ store, adapter }: Lifecycle, vault: Vault, name: string): Promise<void> {
  const under = store.collection(deletions);
  const key = keyOf(vault, name, adapter.noun);
  if ((await under.get(key)) !== undefined) await store.commit([under.remove(key)]);
}

/**
 * Between Key Vault's taking a deletion and its showing it, the object is nowhere to be seen. So a deletion is written down first: who repeats the
 * command after a crash is not told that there never was such an object.
 */
async function beginDeletion(life: Lifecycle, vault: Vault, name: string, resume: string): Promise<Deleted | undefined> {
  const { adapter, clock, store } = life;
  const under = store.collection(deletions);
  const key = keyOf(vault, name, adapter.noun);
  life.steps.at({ doing: `Deleting ${name}`, done: "Nothing was done yet.", resume });
  const before = await under.get(key);
  await store.commit([under.put(key, { until: clock.now() + hiddenMs })]);
  let begun: Deleted;
  try {
    begun = await adapter.delete(vault, name);
  } catch (error) {
    if (isCode(error, "conflict") && error.details.reason === "deleting") return untilDeleted(life, vault, name, resume);
    const mayBeUnderWay = before !== undefined && before.value.until > clock.now();
    if (mayBeUnderWay && isCode(error, "not_found")) return untilShown(life, vault, name, resume, before.value.until, error);
    // Refused, so nothing has begun.
    if (!mayBeUnderWay && !isCode(error, "unavailable")) await store.commit([under.remove(key)]);
    throw error;
  }
  if (begun.scheduledPurge === undefined && begun.deleted === undefined) return undefined;
  return untilDeleted(life, vault, name, resume, begun);
}

async function untilDeleted(life: Lifecycle, vault: Vault, name: string, resume: string, begun?: Deleted): Promise<Deleted> {
  const step = { doing: `Waiting until ${name} is deleted`, done: `The deletion of ${name} has begun.`, resume };
  return poll(life, vault, step, () =>
    life.adapter.deleted(vault, name).catch((error: unknown) => {
      // Who may delete need not be allowed to look; Key Vault has taken the deletion.
      if (begun !== undefined && isCode(error, "forbidden")) return begun;
      throw error;
    }),
  );
}

/** The deletion that a command which was cut off may have begun: if it does not show in its time, it never was, and the object is `absent`. */
async function untilShown(life: Lifecycle, vault: Vault, name: string, resume: string, until: number, absent: UscError): Promise<Deleted> {
  const step = { doing: `Waiting until ${name} is deleted`, done: `The deletion of ${name} may be under way.`, resume };
  return poll(life, vault, step, async () => {
    const found = await life.adapter.deleted(vault, name);
    if (found !== undefined || life.clock.now() < until) return found;
    await forgetDeletion(life, vault, name);
    throw absent;
  });
}

/** Deletes, live or deleted before, purges, and waits until the name is free. `conflict` where the vault protects what is deleted. */
export async function deleteForGood(life: Lifecycle, vault: Vault, name: string, resume: string): Promise<void> {
  const deleted = await softDelete(life, vault, name, resume).catch(async (error: unknown) => {
    const before = isCode(error, "not_found") ? await life.adapter.deleted(vault, name) : undefined;
    if (before === undefined) throw error;
    return before;
  });
  if (deleted === undefined) return;
  await purgeDeleted(life, vault, name, resume);
}

/** Purges a deleted object and waits until its name is free; false if there is none. */
export async function purgeDeleted(life: Lifecycle, vault: Vault, name: string, resume: string): Promise<boolean> {
  const { adapter } = life;
  const doing = `Waiting until ${name} is purged`;
  const outcome = await poll(
    life,
    vault,
    { doing, done: `The ${adapter.noun} ${name} is deleted, and not purged yet.`, resume },
    async () => {
      const state = await adapter.purge(vault, name);
      return state === "deleting" ? undefined : state;
    },
  );
  if (outcome === "protected") throw await purgeProtected(adapter, vault, name);
  if (outcome === "absent") return false;
  await poll(life, vault, { doing, done: `The ${adapter.noun} ${name} is purged; its name may not be free yet.`, resume }, async () => {
    if ((await adapter.deleted(vault, name).catch(ignoreForbidden)) !== undefined) return undefined;
    // Only this question tells a name that is still being purged (409) from a free one (404).
    return (await adapter.purge(vault, name)) === "deleting" ? undefined : true;
  });
  await forgetDeletion(life, vault, name);
  return true;
}

/** Brings a deleted object back and waits until it can be read again. `not_found` if there is none. `refused` is called when nothing has begun. */
export async function recoverDeleted(
  life: Lifecycle,
  vault: Vault,
  name: string,
  resume: string,
  refused: () => Promise<void> = async () => {},
): Promise<void> {
  const begun = await beginRecovery(life, vault, name, resume).catch(async (error: unknown) => {
    if (!isCode(error, "unavailable") && !isCode(error, "interrupted")) await refused();
    throw error;
  });
  if (begun === "recovering") await untilBack(life, vault, name, resume);
  await forgetDeletion(life, vault, name);
}

async function beginRecovery(life: Lifecycle, vault: Vault, name: string, resume: string): Promise<"recovering" | "live"> {
  const step = { doing: recovering(name), done: `The ${life.adapter.noun} ${name} is deleted, and not recovered yet.`, resume };
  const outcome = await poll(life, vault, step, async () => {
    const state = await life.adapter.recover(vault, name);
    return state === "deleting" ? undefined : state;
  });
  if (outcome !== "absent") return outcome;
  throw new UscError("not_found", `There is no deleted ${life.adapter.noun} ${name} in ${vault.url}.`, {
    hint: `\`usc list-deleted${typeFlag(life.adapter.noun)}\` shows what there is.`,
  });
}

async function untilBack(life: Lifecycle, vault: Vault, name: string, resume: string): Promise<void> {
  const step = { doing: recovering(name), done: `The recovery of ${name} has begun.`, resume };
  await poll(life, vault, step, () => isBack(life.adapter, vault, name));
}

const recovering = (name: string): string => `Waiting until ${name} is recovered`;

async function isBack(adapter: Shelf, vault: Vault, name: string): Promise<true | undefined> {
  try {
    await adapter.get(vault, name);
    return true;
  } catch (error) {
    if (isCode(error, "not_found")) return undefined;
    if (!isCode(error, "forbidden")) throw error;
    // A disabled object is back; who may not read at all is told by asking for the recovery once more.
    return isDisabled(error) || (await adapter.recover(vault, name)) === "live" ? true : undefined;
  }
}

async function purgeProtected(adapter: Shelf, vault: Vault, name: string): Promise<UscError> {
  const { scheduledPurge } = (await adapter.deleted(vault, name).catch(ignoreForbidden)) ?? {};
  const date = scheduledPurge === undefined ? "" : ` until ${rfc3339(scheduledPurge)}`;
  return new UscError("conflict", `The ${adapter.noun} ${name} stays soft-deleted${date}: the vault has purge protection.`, {
    hint: `Key Vault purges it then. \`usc recover --usc-name ${vault.connector.name} --secret-id ${name}${typeFlag(adapter.noun)}\` brings it back.`,
  });
}

function ignoreForbidden(error: unknown): undefined {
  if (!isCode(error, "forbidden")) throw error;
}
