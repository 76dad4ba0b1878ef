import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import { isCode, isDisabled, UscError } from "../../kernel/errors.ts";
import { flag, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { RecordKind } from "../../kernel/store.ts";
import { refuseExisting } from "./write-new.ts";
import type { Deps } from "./deps.ts";
import { refuseVersion } from "./delete.ts";
import { limits, secretOnly, patientLimitsOf, secretId, uscName } from "./inputs.ts";
import { softDelete } from "./lifecycle.ts";
import { withoutVersion } from "./object-id.ts";
import type { ObjectAdapter, Secret, SecretProperties, Vault } from "./port.ts";

/** A copy that has begun: kept until it is whole, so that the same command finishes it after a crash. */
const Copy = once(() =>
  z.object({
    "usc-name": z.string(),
    from: z.string(),
    "to-usc-name": z.string(),
    to: z.string(),
    /** The version of the source that is copied: the same one after a restart. */
    version: z.string(),
    /** Whether the source goes away at the end. */
    move: z.boolean(),
    /** Epoch milliseconds. */
    at: z.number(),
    /** The version that was made, once it stands. */
    made: z.optional(z.string()),
  }),
);
type Copy = z.infer<ReturnType<typeof Copy>>;
type Wanted = Omit<Copy, "version" | "at" | "made">;

const copies: RecordKind<Copy> = { name: "copies", noun: "unfinished copy", schema: Copy };

const keyOf = ({ "usc-name": vault, from, "to-usc-name": toVault, to }: Wanted): string => [vault, from, toVault, to].join(" ");

const commandOf = (copied: Wanted): string =>
  `usc copy-object --usc-name ${copied["usc-name"]} --secret-id ${copied.from} --secret-name ${copied.to}${
    copied["usc-name"] === copied["to-usc-name"] ? "" : ` --to-usc-name ${copied["to-usc-name"]}`
  }${copied.move ? " --delete-source" : ""}`;

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
    needs: [
      onItem("read"),
      onItem("create", "to-usc-name"),
      { ...onItem("create"), unless: "to-usc-name" },
      { ...onItem("delete"), when: "delete-source" },
    ],
    input: () =>
      z.object({
        "usc-name": uscName(),
        "secret-id": secretId("Name or full URL of the source"),
        "secret-name": text("Name of the copy"),
        "to-usc-name": optionalText("Connector to copy to (default: the same)"),
        "delete-source": flag("Delete the source when the copy stands"),
        "object-type": secretOnly(),
        ...limits(),
      }),
    output: () => z.object({ secret_id: z.string(), version_id: z.string(), deleted: z.optional(z.string()) }),
    run: async (input) => {
      const allowed = patientLimitsOf(deps.clock, input);
      const source = await deps.openVault(input["usc-name"], allowed);
      const goal = input["to-usc-name"] === undefined ? source : await deps.openVault(input["to-usc-name"], allowed);
      const { name: from, version } = deps.readReference(source, input["secret-id"], "secret");
      const { name: to, version: none } = deps.readReference(goal, input["secret-name"], "secret");
      refuseVersion(version ?? none, "copies", "secret");
      if (source.url === goal.url && from.toLowerCase() === to.toLowerCase())
        throw new UscError("usage", "Source and copy are one secret.");
      const wanted = {
        "usc-name": source.connector.name,
        from,
        "to-usc-name": goal.connector.name,
        to,
        move: input["delete-source"] === true,
      };
      deps.steps.at({ doing: `Copying ${from}`, done: "Nothing was done yet.", resume: commandOf(wanted) });
      const entry = await begin(deps, source, wanted);
      let stands = false;
      try {
        const made = await standing(deps, source, goal, entry);
        stands = true;
        if (wanted.move) await removeSource(deps, source, entry);
        await forget(deps, entry);
        return { secret_id: withoutVersion(made.id), version_id: made.version ?? "", ...(wanted.move ? { deleted: from } : {}) };
      } catch (error) {
        // A copy that was refused leaves nothing to finish. A lost answer, a wish to stop and a source that is still there stay written down.
        if (!stands && !isCode(error, "unavailable") && !isCode(error, "interrupted")) await forget(deps, entry);
        throw error;
      }
    },
  });

/** Tells of what a crash has left half done in this vault, whatever is done to it next. */
export async function tellUnfinished({ store, steps }: Pick<Deps, "store" | "steps">, { connector }: Vault): Promise<void> {
  for (const { value } of await store.collection(copies).list()) {
    if (value["usc-name"] !== connector.name && value["to-usc-name"] !== connector.name) continue;
    const { from, to, made } = value;
    const what =
      made === undefined
        ? `A copy of ${from} to ${to} has begun and is not finished`
        : `The copy ${to} of ${from} stands, and ${from} is not deleted yet`;
    steps.warn(`${what}. \`${commandOf(value)}\` goes on.`);
  }
}

const forget = ({ store }: Deps, entry: Copy): Promise<void> => store.commit([store.collection(copies).remove(keyOf(entry))]);

/** The journal's entry of this copy: the one a crash has left, or a new one, written before anything is done. */
async function begin({ adapter, clock, store }: Deps, source: Vault, wanted: Wanted): Promise<Copy> {
  const left = await store.collection(copies).get(keyOf(wanted));
  if (left !== undefined) return { ...left.value, move: wanted.move };
  const { version, managed } = await adapter.get(source, wanted.from);
  if (managed && wanted.move) {
    throw new UscError(
      "usage",
      `The secret ${wanted.from} belongs to a certificate: it can be copied, and Key Vault does not let it be moved.`,
    );
  }
  const entry: Copy = { ...wanted, version: version ?? "", at: clock.now() };
  await store.commit([store.collection(copies).put(keyOf(entry), entry)]);
  return entry;
}

/** The copy, made now or before a crash. */
async function standing({ adapter, store }: Deps, source: Vault, goal: Vault, entry: Copy): Promise<SecretProperties> {
  const before = entry.made === undefined ? undefined : await found(adapter, goal, entry.to, entry.made);
  if (before !== undefined) return before;
  const original = await adapter.get(source, entry.from, entry.version);
  const there = await found(adapter, goal, entry.to);
  const ours = there !== undefined && isSame(there, original) && (there.created ?? 0) + 1000 > entry.at;
  const made = ours ? there : await make(adapter, goal, entry, original);
  await store.commit([store.collection(copies).put(keyOf(entry), { ...entry, made: made.version ?? "" })]);
  return made;
}

async function make(adapter: ObjectAdapter, goal: Vault, entry: Copy, original: Secret): Promise<SecretProperties> {
  await refuseExisting(adapter, goal, entry.to);
  const { value, contentType, enabled, expires, notBefore, tags } = original;
  return adapter.set(goal, entry.to, { value, contentType, enabled, expires, notBefore, tags });
}

/** Only what was copied may go. */
async function removeSource(deps: Deps, source: Vault, entry: Copy): Promise<void> {
  const { from, to, version } = entry;
  const resume = commandOf(entry);
  deps.steps.at({ doing: `Deleting ${from}`, done: `The copy ${to} stands, and ${from} is not deleted yet.`, resume });
  const latest = await found(deps.adapter, source, from);
  if (latest !== undefined && latest.version !== version) {
    await forget(deps, entry);
    throw new UscError("conflict", `${from} has a newer version than the one that was copied to ${to}, so it was not deleted.`, {
      hint: "Look at both; delete the one you do not want.",
    });
  }
  await softDelete(deps, source, from, resume).catch((error: unknown) => {
    // Gone since: by the run that was cut off.
    if (latest !== undefined || !isCode(error, "not_found")) throw error;
  });
}

async function found(adapter: ObjectAdapter, vault: Vault, name: string, version?: string): Promise<Secret | undefined> {
  return adapter.get(vault, name, version).catch((error: unknown) => {
    if (isCode(error, "not_found") || isDisabled(error)) return undefined;
    throw error;
  });
}

const isSame = (a: Secret, b: Secret): boolean =>
  a.value === b.value &&
  a.contentType === b.contentType &&
  a.enabled === b.enabled &&
  a.expires === b.expires &&
  a.notBefore === b.notBefore &&
  Object.keys(a.tags).length === Object.keys(b.tags).length &&
  Object.entries(a.tags).every(([tag, held]) => b.tags[tag] === held);
