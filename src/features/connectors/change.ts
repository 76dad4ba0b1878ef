import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { choice, description, flag, list, optionalText, pairs, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { type May, onItem, onMoved } from "../../kernel/rights.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { type Change, rewritten, type Store } from "../../kernel/store.ts";
import { findItem } from "./find.ts";
import { connectors } from "./model.ts";
import type { OtherItem, OtherItems } from "./port.ts";
import { refuseMark } from "./refuse-mark.ts";

interface Deps {
  store: Store;
  clock: Clock;
  others: OtherItems;
}

export const update = ({ store, clock, others }: Deps) =>
  operation({
    name: "update-item",
    aliases: ["update-usc"],
    summary: "Changes an item: what is said of it, its name, its tags",
    example: "update-item --name /prod/kv --add-tag team-a --delete-protection",
    effect: "write",
    needs: [onItem("update", "name"), ...onMoved("item", "name", "new-name")],
    input: () =>
      z.object({
        name: text("Path of the item", { short: "n" }),
        "new-name": optionalText("New path of the item"),
        description: description("What the item is for", { aliases: ["new-metadata"] }),
        "add-tag": list("Tag to add; may be repeated"),
        "rm-tag": list("Tag to remove; may be repeated"),
        "usc-tags": pairs("Tags put on every object created through the connector, instead of the present ones", { commas: true }),
        "item-custom-fields": pairs("Further facts about the item, instead of all the present ones; no secrets"),
        "delete-protection": flag("Refuse to delete the item"),
        "enable-purge": flag("Let `delete` purge as well"),
      }),
    output: () => z.object({ updated: z.literal(true) }),
    run: async (input) => {
      refuseMark(input["usc-tags"]);
      const other = await others.get(itemPath(input.name, "item"));
      if (other !== undefined) {
        await store.commit(otherChanges(other, input, rfc3339(clock.now())));
        return { updated: true };
      }
      const stored = await findItem(store, input.name);
      const { "usc-tags": uscTags, "delete-protection": protection, "add-tag": add = [], "rm-tag": drop = [] } = input;
      const path = input["new-name"] === undefined ? stored.key : itemPath(input["new-name"], "connector");
      const changed = {
        ...stored.value,
        ...present({
          description: input.description,
          "usc-tags": uscTags,
          "delete-protection": protection,
          "enable-purge": input["enable-purge"],
          "item-custom-fields": input["item-custom-fields"],
        }),
        name: path,
        tags: [...new Set([...stored.value.tags, ...add])].filter((tag) => !drop.includes(tag)),
        "modified-at": rfc3339(clock.now()),
      };
      await store.commit([
        ...rewritten(store.collection(connectors), stored, path, changed),
        ...(path === stored.key ? [] : [others.vacant(path)]),
      ]);
      return { updated: true };
    },
  });

interface Given {
  "new-name"?: string | undefined;
  description?: string | undefined;
  "add-tag"?: readonly string[] | undefined;
  "rm-tag"?: readonly string[] | undefined;
  "delete-protection"?: boolean | undefined;
  "item-custom-fields"?: Readonly<Record<string, string>> | undefined;
  "usc-tags"?: object | undefined;
  "enable-purge"?: boolean | undefined;
}

function otherChanges(other: OtherItem, given: Given, modifiedAt: string): Change[] {
  const foreign = (["usc-tags", "enable-purge"] as const).find((field) => given[field] !== undefined);
  if (foreign !== undefined) throw new UscError("usage", `--${foreign} belongs to a connector, and ${other.key} is none.`);
  return other.changed(given["new-name"] === undefined ? other.key : itemPath(given["new-name"], "item"), {
    description: given.description,
    addTags: given["add-tag"],
    removeTags: given["rm-tag"],
    deleteProtection: given["delete-protection"],
    customFields: given["item-custom-fields"],
    modifiedAt,
  });
}

export const move = ({ store, clock, others }: Deps) =>
  operation({
    name: "move-objects",
    summary: "Moves an item, or a folder with all below it",
    example: "move-objects --source /prod --target /live",
    effect: "write",
    needs: onMoved("item", "source", "target").map((need) => ({ ...need, below: true })),
    input: () =>
      z.object({
        source: text("Path of the item or folder to move", { short: "s" }),
        target: text("New path: of the item, or of the folder", { short: "t" }),
        "objects-type": choice("Kind of object", ["item"]),
      }),
    output: () => z.object({ moved: z.array(z.object({ from: z.string(), to: z.string() })) }),
    run: async (input) => {
      const [from, to] = [itemPath(input.source, "item"), itemPath(input.target, "item")];
      if (`${to}/`.startsWith(`${from}/`)) throw new UscError("usage", `${from} cannot be moved into itself.`);
      const collection = store.collection(connectors);
      const isBelow = ({ key }: { key: string }): boolean => key === from || key.startsWith(`${from}/`);
      const own = (await collection.list(from)).filter(isBelow);
      const foreign = (await others.list(from)).filter(isBelow);
      if (own.length + foreign.length === 0)
        throw new UscError("not_found", `There is nothing at ${from}.`, { hint: "`usc list-items` shows what there is." });
      const movedTo = (key: string): string => to + key.slice(from.length);
      const modifiedAt = rfc3339(clock.now());
      await store.commit([
        ...own.flatMap((stored) => {
          const key = movedTo(stored.key);
          const value = { ...stored.value, name: key, "modified-at": modifiedAt };
          return [...rewritten(collection, stored, key, value), others.vacant(key)];
        }),
        ...foreign.flatMap((other) => other.changed(movedTo(other.key), { modifiedAt })),
      ]);
      const moved = [...own, ...foreign].map(({ key }) => ({ from: key, to: movedTo(key) }));
      return { moved };
    },
  });

export const remove = ({ store, others, may }: Deps & { may: May }) =>
  operation({
    name: "delete-item",
    summary: "Forgets a connector; the vault and its objects stay untouched",
    example: "delete-item --name /prod/kv",
    effect: "write",
    needs: [onItem("delete", "name")],
    input: () => z.object({ name: text("Path of the item", { short: "n" }) }),
    output: () => z.object({ item_id: z.int(), item_name: z.string() }),
    run: async ({ name }) => {
      const other = await others.get(itemPath(name, "item"));
      if (other !== undefined) throw others.refuseDelete(other.key);
      const stored = await findItem(store, name);
      if (stored.value["delete-protection"]) {
        throw new UscError("conflict", `The connector ${stored.key} is protected against deletion.`, {
          hint: `usc update-item --name ${stored.key} --delete-protection false`,
        });
      }
      const [user] = await others.through(stored.value.id);
      if (user !== undefined) {
        const path = user.item_name;
        const [named, known] = may("list", "item", path) ? [`The rotated secret ${path}`, path] : ["A rotated secret", "NAME"];
        throw new UscError("conflict", `${named} is synced through the connector ${stored.key}.`, {
          hint: `End that first: usc rotated-secret delete-sync --name ${known} --usc-name ${stored.key}`,
        });
      }
      await store.commit([store.collection(connectors).remove(stored.key, stored.revision)]);
      return { item_id: stored.value.id, item_name: stored.key };
    },
  });
