import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import { isCode, isDisabled, UscError } from "../../kernel/errors.ts";
import type { RecordKind } from "../../kernel/store.ts";
import { deleteForGood, keyOf, type Lifecycle, recoverDeleted } from "./lifecycle.ts";
import { typeFlag, type ObjectProperties, type Shelf, type Vault } from "./port.ts";

/** A soft-deleted object that is brought back for a new version: kept until that is written, so that the same command goes on after a crash. */
const Return = once(() => z.object({ until: z.number(), version: z.optional(z.string()) }));
const returns: RecordKind<z.infer<ReturnType<typeof Return>>> = { name: "returns", noun: "recovery for a new version", schema: Return };
/** After that a live object is somebody's, and not in the middle of a command. */
const returnMs = 3_600_000;

export type IfDeleted = "fail" | "recover" | "purge";

interface Wanted {
  overwrite?: boolean | undefined;
  "if-deleted"?: IfDeleted | undefined;
}

type Life<Item extends ObjectProperties, Whole extends Item> = Omit<Lifecycle, "adapter"> & { adapter: Shelf<Item, Whole> };

/** Writes a version under a name that is free, or may be written over. `isIt`: what stands there, if it is what would be written. */
export async function writeNew<Made extends object, Item extends ObjectProperties, Whole extends Item>(
  life: Life<Item, Whole>,
  vault: Vault,
  name: string,
  { overwrite, "if-deleted": ifDeleted = "fail" }: Wanted,
  write: () => Promise<Made>,
  isIt: (latest: Whole) => Made | undefined,
): Promise<Made> {
  const cutOff = ifDeleted === "recover" ? await goneOn(life, vault, name, isIt) : "no";
  if (typeof cutOff === "object") return cutOff;
  if (overwrite !== true && cutOff === "no") await refuseExisting(life.adapter, vault, name);
  return writeOver(life, vault, name, write, ifDeleted);
}

/**
 * Whether a recovery of ours was cut off before the new version was written (`yes`), or behind it (that version). `no` where anybody else has
 * written since: that is an existing object like any other.
 */
async function goneOn<Made, Item extends ObjectProperties, Whole extends Item>(
  life: Life<Item, Whole>,
  vault: Vault,
  name: string,
  isIt: (latest: Whole) => Made | undefined,
): Promise<"yes" | "no" | Made> {
  const { adapter, clock, store } = life;
  const left = (await store.collection(returns).get(keyOf(vault, name, adapter.noun)))?.value;
  if (left === undefined || left.until < clock.now()) return "no";
  const latest = await adapter.get(vault, name).catch((error: unknown) => {
    // Still on its way back: a look-up later in this command might see it arrive, and take it for somebody's.
    if (isCode(error, "not_found")) return "coming" as const;
    if (!isCode(error, "forbidden")) throw error;
    return undefined;
  });
  if (latest === undefined) return "no";
  if (latest === "coming" || latest.version === left.version) return "yes";
  const made = isIt(latest);
  if (made === undefined) return "no";
  await forgetReturn(life, vault, name);
  return made;
}

/** The new version is written, or will be without more of ours. */
export async function forgetReturn({ adapter, store }: Lifecycle, vault: Vault, name: string): Promise<void> {
  await store.commit([store.collection(returns).remove(keyOf(vault, name, adapter.noun))]);
}

/** `conflict` if the name is taken by a live object, readable or not. */
export async function refuseExisting(adapter: Shelf, vault: Vault, name: string): Promise<void> {
  try {
    await adapter.get(vault, name);
  } catch (error) {
    if (isCode(error, "not_found")) return;
    if (!isDisabled(error)) throw error;
  }
  throw new UscError("conflict", `The ${adapter.noun} ${name} exists already.`, {
    hint: "`usc update` or --overwrite makes a new version of it.",
  });
}

/** Writes; where a soft-deleted object holds the name it is dealt with first, as `ifDeleted` says. */
export async function writeOver<Made>(
  life: Lifecycle,
  vault: Vault,
  name: string,
  write: () => Promise<Made>,
  ifDeleted: IfDeleted,
): Promise<Made> {
  const { adapter, clock, steps, store } = life;
  const { noun } = adapter;
  const under = store.collection(returns);
  const key = keyOf(vault, name, noun);
  const resume = `usc create --usc-name ${vault.connector.name} --secret-name ${name}${typeFlag(noun)} --if-deleted ${ifDeleted} ${noun === "secret" ? "--value-file PATH" : "..."}`;
  for (let pause = 250; ; pause = Math.min(pause * 2, 2000)) {
    try {
      const made = await write();
      if (ifDeleted === "recover") await forgetReturn(life, vault, name);
      return made;
    } catch (error) {
      const reason = isCode(error, "conflict") ? error.details.reason : undefined;
      if (!isCode(error, "conflict") || (reason !== "deleted" && reason !== "deleting") || ifDeleted === "fail") throw error;
      if (reason === "deleted") {
        if (ifDeleted === "recover") {
          const { version } = (await adapter.deleted(vault, name)) ?? {};
          await store.commit([under.put(key, { until: clock.now() + returnMs, ...(version === undefined ? {} : { version }) })]);
          await recoverDeleted(life, vault, name, resume, () => forgetReturn(life, vault, name));
        } else await deleteForGood(life, vault, name, resume);
      } else if (clock.now() + pause > (vault.limits?.deadline ?? clock.now())) throw error;
      steps.at({ doing: `Writing ${name}`, done: `The ${noun} ${name} is not written yet.`, resume });
      await steps.pause(reason === "deleted" ? 0 : pause);
    }
  }
}
