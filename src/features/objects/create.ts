import * as z from "zod/mini";
import { isCode, isDisabled, UscError } from "../../kernel/errors.ts";
import { choice, flag, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import type { RecordKind } from "../../kernel/store.ts";
import { attributes, attributesOf } from "./attributes.ts";
import type { Deps } from "./deps.ts";
import { asFile, binaryValue, limits, objectType, patientLimitsOf, uscName, valueAbout } from "./inputs.ts";
import { deleteForGood, keyOf, type Lifecycle, recoverDeleted } from "./lifecycle.ts";
import { withoutVersion } from "./object-id.ts";
import type { ObjectAdapter, SecretProperties, SecretWrite, Vault } from "./port.ts";
import { checkLimits, toStored } from "./value.ts";

/** A soft-deleted secret that is brought back for a new version: kept until that is written, so that the same command goes on after a crash. */
const Return = z.object({ until: z.number(), version: z.optional(z.string()) });
const returns: RecordKind<z.infer<typeof Return>> = { name: "returns", noun: "recovery for a new version", schema: Return };
/** After that a live secret is somebody's, and not in the middle of a command. */
const returnMs = 3_600_000;

export const create = (deps: Deps) =>
  operation({
    name: "create",
    route: "usc-create",
    aliases: ["usc-create", "esm-create"],
    summary: "Creates a secret; an existing one is not overwritten",
    example: "create --usc-name /prod/kv --secret-name db-password --value-file password.txt",
    notes:
      "The name is looked up first. Key Vault has no condition on writes, so two creators at the same instant make two versions. --overwrite makes a new version and skips the look-up. --if-deleted says what to do about a soft-deleted secret of that name.",
    effect: "write",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-name": text("Name of the new secret", { short: "s" }),
        value: text("The value", valueAbout()),
        "binary-value": binaryValue(),
        file: asFile(),
        "object-type": objectType(),
        ...attributes(),
        overwrite: flag("Make a new version if the secret exists"),
        "if-deleted": choice("Under a soft-deleted name: refuse (default), bring it back and add a version, or purge it first", [
          "fail",
          "recover",
          "purge",
        ]),
        ...limits(),
      }),
    output: () => z.object({ secret_id: z.string(), version_id: z.string() }),
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], patientLimitsOf(deps.clock, input));
      const { name, version } = deps.readReference(vault, input["secret-name"], "secrets");
      if (version !== undefined) throw new UscError("usage", "--secret-name is not valid: a new secret has no version yet.");
      const stored = toStored(input.value, input);
      const given = attributesOf(input);
      const write = checkLimits({ ...stored, ...given, tags: { ...vault.connector["usc-tags"], ...given.tags, ...stored.tags } });
      const ifDeleted = input["if-deleted"] ?? "fail";
      const cutOff = ifDeleted === "recover" ? await goneOn(deps, vault, name, write.value) : "no";
      if (input.overwrite !== true && cutOff === "no") await refuseExisting(deps.adapter, vault, name);
      const made = typeof cutOff === "object" ? cutOff : await setOver(deps, vault, name, write, ifDeleted);
      return { secret_id: withoutVersion(made.id), version_id: made.version };
    },
  });

/**
 * Whether a recovery of ours was cut off before the new version was written (`yes`), or behind it (that version). `no` where anybody else has
 * written since: that is an existing secret like any other.
 */
async function goneOn(
  { adapter, clock, store }: Lifecycle,
  vault: Vault,
  name: string,
  value: string,
): Promise<"yes" | "no" | SecretProperties> {
  const left = (await store.collection(returns).get(keyOf(vault, name)))?.value;
  if (left === undefined || left.until < clock.now()) return "no";
  const latest = await adapter.get(vault, name).catch((error: unknown) => {
    if (!isCode(error, "not_found") && !isCode(error, "forbidden")) throw error;
  });
  if (latest === undefined) return "no";
  if (latest.version === left.version) return "yes";
  if (latest.value !== value) return "no";
  await store.commit([store.collection(returns).remove(keyOf(vault, name))]);
  return latest;
}

/** `conflict` if the name is taken by a live object, readable or not. */
export async function refuseExisting(adapter: ObjectAdapter, vault: Vault, name: string): Promise<void> {
  try {
    await adapter.get(vault, name);
  } catch (error) {
    if (isCode(error, "not_found")) return;
    if (!isDisabled(error)) throw error;
  }
  throw new UscError("conflict", `The secret ${name} exists already.`, { hint: "`usc update` or --overwrite makes a new version of it." });
}

/** Writes; where a soft-deleted object holds the name it is dealt with first, as `ifDeleted` says. */
export async function setOver(
  life: Lifecycle,
  vault: Vault,
  name: string,
  write: SecretWrite,
  ifDeleted: "fail" | "recover" | "purge",
): Promise<SecretProperties> {
  const { adapter, clock, steps, store } = life;
  const under = store.collection(returns);
  const resume = `usc create --usc-name ${vault.connector.name} --secret-name ${name} --if-deleted ${ifDeleted} --value-file PATH`;
  for (let pause = 250; ; pause = Math.min(pause * 2, 2000)) {
    try {
      const made = await adapter.set(vault, name, write);
      if (ifDeleted === "recover") await store.commit([under.remove(keyOf(vault, name))]);
      return made;
    } catch (error) {
      if (!isCode(error, "conflict") || error.details.reason === undefined || ifDeleted === "fail") throw error;
      if (error.details.reason === "deleted") {
        if (ifDeleted === "recover") {
          const { version } = (await adapter.deleted(vault, name)) ?? {};
          await store.commit([
            under.put(keyOf(vault, name), { until: clock.now() + returnMs, ...(version === undefined ? {} : { version }) }),
          ]);
          await recoverDeleted(life, vault, name, resume, () => store.commit([under.remove(keyOf(vault, name))]));
        } else await deleteForGood(life, vault, name, resume);
      } else if (clock.now() + pause > (vault.limits?.deadline ?? clock.now())) throw error;
      steps.at({ doing: `Writing ${name}`, done: `The secret ${name} is not written yet.`, resume });
      await steps.pause(error.details.reason === "deleted" ? 0 : pause);
    }
  }
}
