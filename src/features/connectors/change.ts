import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { choice, description, flag, list, optionalText, pairs, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem, onMoved } from "../../kernel/rights.ts";
import { itemPath } from "../../kernel/paths.ts";
import { present } from "../../kernel/present.ts";
import { rewritten, type Store } from "../../kernel/store.ts";
import { findConnector } from "./find.ts";
import { connectors } from "./model.ts";

interface Deps {
  store: Store;
  clock: Clock;
}

export const update = ({ store, clock }: Deps) =>
  operation({
    name: "update-item",
    aliases: ["update-usc"],
    summary: "Changes a connector; its target and vault stay",
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
        "usc-tags": pairs("Tags put on every object created through the connector, instead of the present ones"),
        "delete-protection": flag("Refuse to delete the item"),
        "enable-purge": flag("Let `delete` purge as well"),
      }),
    output: () => z.object({ updated: z.literal(true) }),
    run: async (input) => {
      const stored = await findConnector(store, input.name);
      const { "usc-tags": uscTags, "delete-protection": protection, "add-tag": add = [], "rm-tag": drop = [] } = input;
      const path = input["new-name"] === undefined ? stored.key : itemPath(input["new-name"], "connector");
      const changed = {
        ...stored.value,
        ...present({
          description: input.description,
          "usc-tags": uscTags,
          "delete-protection": protection,
          "enable-purge": input["enable-purge"],
        }),
        name: path,
        tags: [...new Set([...stored.value.tags, ...add])].filter((tag) => !drop.includes(tag)),
        "modified-at": rfc3339(clock.now()),
      };
      await store.commit(rewritten(store.collection(connectors), stored, path, changed));
      return { updated: true };
    },
  });

export const move = ({ store, clock }: Deps) =>
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
      const affected = (await collection.list(from)).filter(({ key }) => key === from || key.startsWith(`${from}/`));
      if (affected.length === 0)
        throw new UscError("not_found", `There is nothing at ${from}.`, { hint: "`usc list-items` shows what there is." });
      const moved = affected.map(({ key }) => ({ from: key, to: to + key.slice(from.length) }));
      const now = rfc3339(clock.now());
      await store.commit(
        affected.flatMap((stored) => {
          const key = to + stored.key.slice(from.length);
          return [
            collection.remove(stored.key, stored.revision),
            collection.put(key, { ...stored.value, name: key, "modified-at": now }, 0),
          ];
        }),
      );
      return { moved };
    },
  });

export const remove = ({ store }: Deps) =>
  operation({
    name: "delete-item",
    summary: "Forgets a connector; the vault and its objects stay untouched",
    example: "delete-item --name /prod/kv",
    effect: "write",
    needs: [onItem("delete", "name")],
    input: () => z.object({ name: text("Path of the item", { short: "n" }) }),
    output: () => z.object({ item_id: z.int(), item_name: z.string() }),
    run: async ({ name }) => {
      const stored = await findConnector(store, name);
      if (stored.value["delete-protection"]) {
        throw new UscError("conflict", `The connector ${stored.key} is protected against deletion.`, {
          hint: `usc update-item --name ${stored.key} --delete-protection false`,
        });
      }
      await store.commit([store.collection(connectors).remove(stored.key, stored.revision)]);
      return { item_id: stored.value.id, item_name: stored.key };
    },
  });
