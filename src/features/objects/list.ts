import * as z from "zod/mini";
import { count, flag, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { wantedBy } from "./find.ts";
import { limits, objectType, pagedLimitsOf, rowLimit, search, uscName } from "./inputs.ts";
import type { ObjectProperties, Page } from "./port.ts";
import { shelfOf } from "./shelf.ts";
import { attributeRow, attributesShown } from "./view.ts";

export const list = (deps: Pick<Deps, "adapter" | "certificates" | "clock" | "openVault">) =>
  operation({
    name: "list",
    route: "usc-list",
    aliases: ["usc-list", "esm-list"],
    legacyRoutes: ["esm-list"],
    summary: "Lists the secrets or certificates of a vault, without their values",
    example: "list --usc-name /prod/kv | jq -r '.secrets_list[].name'",
    notes:
      "Reads all pages. --limit stops early; --page-size gives one page of Azure's and a `next_token`. Secrets behind certificates are hidden unless --include-managed.",
    effect: "read",
    needs: [onItem("list")],
    stream: "secrets_list",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "object-type": objectType(),
        search: search(),
        limit: rowLimit(),
        "page-size": count("One page of at most so many; one that --page-token goes on with keeps its size", [1, 25]),
        "page-token": optionalText("Goes on from `next_token`", { placeholder: "TOKEN" }),
        "include-managed": flag("Also the secrets behind certificates"),
        ...limits(),
      }),
    output: () =>
      z.object({
        secrets_list: z.array(z.object({ secret_id: z.string(), name: z.string(), ...attributeRow() })),
        next_token: z.optional(z.string()),
      }),
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], pagedLimitsOf(deps.clock, input));
      const wanted = wantedBy({ search: input.search, managed: input["include-managed"] });
      const pages = (await shelfOf(deps, input)).pages(vault, { size: input["page-size"], token: input["page-token"] });
      if (input["page-size"] === undefined) return { head: {}, pages: selected(pages, wanted, input.limit, row) };
      const page = await firstPage(pages);
      return { head: page.next === undefined ? {} : { next_token: page.next }, pages: selected([page], wanted, input.limit, row) };
    },
  });

const row = (item: ObjectProperties) => ({ secret_id: item.id, name: item.name, ...attributesShown(item) });

/** The rows of what is wanted, page by page; asks for no further page when `limit` is reached. */
export async function* selected<Item, Row>(
  pages: AsyncIterable<Page<Item>> | Iterable<Page<Item>>,
  wanted: (item: Item) => boolean,
  limit: number | undefined,
  rowOf: (item: Item) => Row,
): AsyncGenerator<Row[]> {
  let left = limit ?? Infinity;
  for await (const page of pages) {
    const found = page.items.filter(wanted).slice(0, left);
    if (found.length > 0) yield found.map(rowOf);
    left -= found.length;
    if (left === 0) return;
  }
}

/** One page, and no request for another. */
export async function firstPage<Item>(pages: AsyncIterable<Page<Item>>): Promise<Page<Item>> {
  for await (const page of pages) return page;
  return { items: [] };
}
