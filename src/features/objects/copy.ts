import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { flag, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import type { RecordKind, Store } from "../../kernel/store.ts";
import { refuseExisting } from "./create.ts";
import type { Deps } from "./deps.ts";
import { refuseVersion } from "./delete.ts";
import { limits, objectType, patientLimitsOf, secretId, uscName } from "./inputs.ts";
import { isCode, softDelete } from "./lifecycle.ts";
import { withoutVersion } from "./object-id.ts";
import type { ObjectAdapter, Secret, Vault } from "./port.ts";

/** A copy that has begun: kept until it is whole, so that the same command finishes it after a crash. */
const Copy = z.object({
  "from-vault": z.string(),
  from: z.string(),
  "to-vault": z.string(),
  to: z.string(),
  /** The version of the source that is copied: the same one after a restart. */
  version: z.string(),
  /** Whether the source goes away at the end. */
  move: z.boolean(),
  stage: z.enum(["copying", "copied"]),
});
type Copy = z.infer<typeof Copy>;

const copies: RecordKind<Copy> = { name: "copies", noun: "unfinished copy", schema: Copy };

const keyOf = ({ "from-vault": vault, from, "to-vault": toVault, to }: Omit<Copy, "version" | "move" | "stage">): string =>
  [vault, from, toVault, to].join(" ");

export const copy = (deps: Deps) =>
  operation({
    name: "copy-object",
    route: "usc-copy-object",
    aliases: ["usc-copy-object"],
    summary: "Copies a secret with its attributes; with --delete-source, renames or moves it",
    example: "copy-object --usc-name /prod/kv --secret-id db-password --secret-name db-password-old",
    notes:
      "Copies one version: value, content type, tags, dates and whether it is enabled. It is journaled: after a crash the same command goes on where it stopped.",
    effect: "write",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-id": secretId("Name or full URL of the source"),
        "secret-name": text("Name of the copy"),
        "to-usc-name": optionalText("Connector to copy to (default: the same)"),
        "delete-source": flag("Delete the source when the copy stands"),
        "object-type": objectType(),
        ...limits(),
      }),
    output: () => z.object({ secret_id: z.string(), version_id: z.string(), deleted: z.optional(z.string()) }),
    run: async (input) => {
      const allowed = patientLimitsOf(deps.clock, input);
      const source = await deps.openVault(input["usc-name"], allowed);
      const goal = input["to-usc-name"] === undefined ? source : await deps.openVault(input["to-usc-name"], allowed);
      const { name: from, version } = deps.readReference(source, input["secret-id"], "secrets");
      const { name: to, version: none } = deps.readReference(goal, input["secret-name"], "secrets");
      refuseVersion(version ?? none, "copies");
      if (source.url === goal.url && from.toLowerCase() === to.toLowerCase())
        throw new UscError("usage", "Source and copy are one secret.");
      const move = input["delete-source"] === true;
      const begun = await begin(deps, source, { "from-vault": source.url, from, "to-vault": goal.url, to, move });
      const resume = `usc copy-object --usc-name ${source.connector.name} --secret-id ${from} --secret-name ${to}${
        goal === source ? "" : ` --to-usc-name ${goal.connector.name}`
      }${move ? " --delete-source" : ""}`;
      const made = await standing(deps, source, goal, begun);
      if (move) {
        const [doing, done] = [`Deleting ${from}`, `The copy ${to} stands, and ${from} is not deleted yet.`];
        deps.steps.at({ doing, done, resume });
        await softDelete(deps, source, from, resume).catch((error: unknown) => {
          if (!isCode(error, "not_found") || begun.stage !== "copied") throw error;
        });
      }
      await deps.store.commit([deps.store.collection(copies).remove(keyOf(begun))]);
      return { secret_id: withoutVersion(made.id), version_id: made.version ?? "", ...(move ? { deleted: from } : {}) };
    },
  });

/** Tells of what a crash has left half done in this vault, whatever is done to it next. */
export async function tellUnfinished({ store, steps }: Pick<Deps, "store" | "steps">, vault: Vault): Promise<void> {
  for (const { value } of await store.collection(copies).list(`${vault.url} `)) {
    const { from, to, move, stage } = value;
    const what =
      stage === "copied"
        ? `The copy ${to} of ${from} stands, and ${from} is not deleted yet`
        : `A copy of ${from} to ${to} has begun and is not finished`;
    steps.warn(`${what}. \`usc copy-object --secret-id ${from} --secret-name ${to}${move ? " --delete-source" : ""}\` goes on.`);
  }
}

/** The journal's entry of this copy: the one a crash has left, or a new one, written before anything is done. */
async function begin({ adapter, store }: Deps, source: Vault, wanted: Omit<Copy, "version" | "stage">): Promise<Copy> {
  const left = await store.collection(copies).get(keyOf(wanted));
  if (left !== undefined) return { ...left.value, move: wanted.move };
  const { version } = await adapter.get(source, wanted.from);
  const entry: Copy = { ...wanted, version: version ?? "", stage: "copying" };
  await store.commit([store.collection(copies).put(keyOf(entry), entry)]);
  return entry;
}

/** The copy, made now or before the crash. */
async function standing({ adapter, store }: Deps, source: Vault, goal: Vault, entry: Copy) {
  if (entry.stage === "copied") return adapter.get(goal, entry.to);
  const original = await adapter.get(source, entry.from, entry.version);
  const there = await adapter.get(goal, entry.to).catch((error: unknown) => {
    if (isCode(error, "not_found")) return undefined;
    throw error;
  });
  // Whatever stands there and is no copy of ours was there before, or was made meanwhile by somebody else.
  const made = there !== undefined && isSame(there, original) ? there : await make(adapter, store, goal, entry, original);
  await store.commit([store.collection(copies).put(keyOf(entry), { ...entry, stage: "copied" })]);
  return made;
}

async function make(adapter: ObjectAdapter, store: Store, goal: Vault, entry: Copy, original: Secret) {
  try {
    await refuseExisting(adapter, goal, entry.to);
    const { value, contentType, enabled, expires, notBefore, tags } = original;
    return await adapter.set(goal, entry.to, { value, contentType, enabled, expires, notBefore, tags });
  } catch (error) {
    // Refused, so nothing has begun and there is nothing to finish. A lost answer stays in the journal.
    if (!isCode(error, "unavailable")) await store.commit([store.collection(copies).remove(keyOf(entry))]);
    throw error;
  }
}

const isSame = (a: Secret, b: Secret): boolean =>
  a.value === b.value &&
  a.contentType === b.contentType &&
  Object.keys(a.tags).length === Object.keys(b.tags).length &&
  Object.entries(a.tags).every(([tag, held]) => b.tags[tag] === held);
