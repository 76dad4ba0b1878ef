import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import { count, flag, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { Stored } from "../../kernel/store.ts";
import { associationsOf, endedWith, placeName } from "./associations.ts";
import { begin } from "./begin.ts";
import type { Deps } from "./deps.ts";
import { contentOf, contentRemoved, findRotated } from "./find.ts";
import { asCommand, engineOf } from "./manner.ts";
import { type RotatedSecret, rotatedSecrets, rotations } from "./model.ts";
import { removeAll, settle } from "./rotate.ts";
import { spareKeys } from "./spare.ts";

export const remove = (deps: Deps) =>
  operation({
    name: "rotated-secret delete",
    summary: "Forgets a rotated secret; a client secret that usc made for it is removed from Azure",
    example: "rotated-secret delete --name /prod/app-key",
    notes:
      "What usc did not make, the secret that a target logs in with, passwords of users and keys of storage accounts stay at Azure. One that is synced is not deleted: `usc rotated-secret delete-sync` first.",
    effect: "write",
    needs: [onItem("delete", "name")],
    input: () =>
      z.object({
        name: text("Path of the rotated secret", { short: "n" }),
        version: count("All versions go: -1, the default, is the only choice", [-1, -1]),
        "force-delete": flag("Forget it here even if Azure does not let its credential go"),
      }),
    output: () => z.object({ item_id: z.int(), item_name: z.string(), deletion_date: z.string(), version_deleted: z.int() }),
    run: async ({ name, "force-delete": force }) => {
      const stored = await findRotated(deps.store, name);
      const { key, value: item } = stored;
      if (item["delete-protection"]) {
        throw new UscError("conflict", `The rotated secret ${key} is protected against deletion.`, {
          hint: `usc update-item --name ${key} --delete-protection false`,
        });
      }
      await refuseSynced(deps, stored);
      await atAzure(deps, stored).catch((error: unknown) =>
        force === true ? forget(deps, stored, error) : Promise.reject(explained(error)),
      );
      return { item_id: item.id, item_name: key, deletion_date: rfc3339(deps.clock.now()), version_deleted: -1 };
    },
  });

/** Who reads it in a vault would find a credential that does not work, and nobody would know of it. */
async function refuseSynced({ store }: Deps, { key, value }: Stored<RotatedSecret>): Promise<void> {
  const all = (await associationsOf(store, value)).map(({ place }) => place);
  const [first] = all;
  if (first === undefined) return;
  const where = all.map(placeName).join(", ");
  throw new UscError("conflict", `The rotated secret ${key} is synced to ${where}.`, {
    hint: `usc rotated-secret delete-sync --name ${key} --usc-name ${first["usc-name"]} --remote-secret-name ${first.name}`,
  });
}

async function atAzure(deps: Deps, { key }: Stored<RotatedSecret>): Promise<void> {
  const { store } = deps;
  const [engine, manner] = [engineOf(deps), asCommand(deps)];
  if ((await settle(engine, manner, key)) === "deleted") return;
  const stored = await store.collection(rotatedSecrets).get(key);
  // Its first value was never made.
  if (stored === undefined) return;
  const { value: item, revision } = stored;
  const { content } = await contentOf(store, item);
  // The secret that a target logs in with goes on with the target.
  const kept = item["rotator-type"] === "target" ? item.version : 0;
  // The newest last: it may be the one that removes the others.
  const versions = content.versions.toReversed().flatMap((each) => (each.ours && each.version !== kept ? (each["key-id"] ?? []) : []));
  const retire = [...new Set([...spareKeys(content), ...versions])];
  const stand = { phase: "deleting", work: { retire } } as const;
  const held = await begin(engine, manner, stored, [store.collection(rotatedSecrets).touch(key, revision)], stand);
  try {
    await removeAll(engine, held);
  } catch (error) {
    // Where nothing is known of the removal it is finished later; where it was refused, all is as it was.
    const isOpen = isCode(error, "unavailable") || isCode(error, "interrupted");
    if (!(await held.isLost())) await (isOpen ? held.release() : held.close());
    throw error;
  }
}

/** What the user insists on. The journal goes too: nobody is to finish what is forgotten. */
async function forget({ store, steps }: Deps, { key, value }: Stored<RotatedSecret>, error: unknown): Promise<void> {
  if (isCode(error, "interrupted")) throw error;
  await store.commit([
    store.collection(rotations).remove(key),
    store.collection(rotatedSecrets).remove(key),
    contentRemoved(store, value),
    ...(await endedWith(store, value)),
  ]);
  if (error instanceof UscError) steps.warn(`It is forgotten, but a credential may be left at Azure. ${error.message}`);
}

function explained(error: unknown): unknown {
  if (!(error instanceof UscError) || error.code === "interrupted") return error;
  const hint = `${error.details.hint ?? ""} Or forget it here alone: --force-delete`.trim();
  return new UscError(error.code, `Nothing is forgotten yet: its credential could not be removed. ${error.message}`, {
    ...error.details,
    hint,
  });
}
