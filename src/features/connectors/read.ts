import * as z from "zod/mini";
import { flag, list as many, optionalText, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { type May, onItem } from "../../kernel/rights.ts";
import { pageOf, paging } from "../../kernel/page.ts";
import { itemPath } from "../../kernel/paths.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { findItem } from "./find.ts";
import { type Connector, connectors } from "./model.ts";
import type { OtherItem, OtherItems } from "./port.ts";
import { type ItemView, itemView, viewOf } from "./view.ts";

interface Deps {
  store: Store;
  others: OtherItems;
  may: May;
}

type Row = Pick<OtherItem, "key" | "tags" | "view">;

const rowOf =
  ({ others }: Deps) =>
  ({ key, value }: Stored<Connector>): Row => ({
    key,
    tags: value.tags,
    view: async () => viewOf(value, await others.through(value.id)),
  });

const found = async (deps: Deps, name: string): Promise<Row> =>
  (await deps.others.get(itemPath(name, "item"))) ?? rowOf(deps)(await findItem(deps.store, name));

/** Of what it is synced with, what the caller would find in a list. */
async function shown({ may }: Deps, row: Row): Promise<ItemView> {
  const view = await row.view();
  return { ...view, usc_sync_associated_items: view.usc_sync_associated_items.filter(({ item_name: path }) => may("list", "item", path)) };
}

export const describe = (deps: Deps) =>
  operation({
    name: "describe-item",
    summary: "Shows a connector, or another item",
    example: "describe-item --name /prod/kv",
    effect: "read",
    oneThing: true,
    needs: [onItem("read", "name")],
    input: () => z.object({ name: text("Path of the item", { short: "n" }) }),
    output: itemView,
    run: async ({ name }) => shown(deps, await found(deps, name)),
  });

export const getTags = (deps: Deps) =>
  operation({
    name: "get-tags",
    summary: "Shows an item's tags",
    example: "get-tags --name /prod/kv",
    bare: "tags",
    effect: "read",
    needs: [onItem("read", "name")],
    input: () => z.object({ name: text("Path of the item", { short: "n" }) }),
    output: () => z.object({ tags: z.array(z.string()) }),
    run: async ({ name }) => ({ tags: [...(await found(deps, name)).tags] }),
  });

export const list = (deps: Deps) =>
  operation({
    name: "list-items",
    summary: "Lists items and the folders they make up",
    example: "list-items --path /prod -o table",
    effect: "read",
    needs: [],
    input: () =>
      z.object({
        path: optionalText("Folder to look into, with all below it (default: everything)"),
        type: many("Kind of item: usc, rotated-secret; may be repeated"),
        tag: optionalText("Only items with this tag"),
        "current-folder": flag("Only the folder itself, not what is below it"),
        "minimal-view": flag("Accepted for Akeyless' scripts; changes nothing"),
        ...paging(),
      }),
    output: () => z.object({ folders: z.array(z.string()), items: z.array(itemView()), next_page: z.string() }),
    run: async (input) => {
      const { store, others, may } = deps;
      const folder = input.path === undefined || input.path === "/" ? "/" : `${itemPath(input.path.replace(/\/$/u, ""), "folder")}/`;
      const isWanted = (type: string): boolean =>
        input.type === undefined || input.type.length === 0 || input.type.some((each) => each.toLowerCase() === type);
      const own = isWanted("usc") ? await store.collection(connectors).list(folder) : [];
      const rows: Row[] = [...own.map(rowOf(deps)), ...(isWanted(others.type) ? await others.list(folder) : [])].sort((one, other) =>
        Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)),
      );
      // Before anything is counted or cut into pages: neither a folder nor a token tells of what may not be listed.
      const below = rows.filter(({ key }) => may("list", "item", key));
      const folders = new Set(
        below.map((stored) => stored.key.slice(0, stored.key.lastIndexOf("/") + 1)).filter((path) => path !== folder),
      );
      const { page, next_page } = pageOf(
        below.filter(
          ({ key, tags }) =>
            (input["current-folder"] !== true || !key.slice(folder.length).includes("/")) &&
            (input.tag === undefined || tags.includes(input.tag)),
        ),
        input["pagination-token"],
        input.filter,
      );
      return {
        folders: [...folders].map((path) => path.slice(0, -1)),
        items: await Promise.all(page.map((row) => shown(deps, row))),
        next_page,
      };
    },
  });
