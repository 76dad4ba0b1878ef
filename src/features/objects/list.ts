import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { count, flag, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { objectType, uscName } from "./inputs.ts";
import type { ObjectAdapter, OpenVault, Page, SecretProperties } from "./port.ts";

const Row = () =>
  z.object({
    secret_id: z.string(),
    name: z.string(),
    created: z.optional(z.string()),
    type: z.string(),
    status: z.boolean(),
    expiration: z.optional(z.string()),
    activation_date: z.optional(z.string()),
    tags: z.record(z.string(), z.string()),
  });

export const list = ({ adapter, openVault }: { adapter: ObjectAdapter; openVault: OpenVault }) =>
  operation({
    name: "list",
    route: "usc-list",
    aliases: ["usc-list", "esm-list"],
    summary: "Lists the secrets of a vault, without their values",
    example: "list --usc-name /prod/kv | jq -r '.secrets_list[].name'",
    notes:
      "Reads all pages. --limit stops early; --page-size gives one page of Azure's and a `next_token`. Secrets behind certificates are hidden unless --include-managed.",
    effect: "read",
    stream: "secrets_list",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "object-type": objectType(),
        search: optionalText("Part of the name, whatever its case", { placeholder: "TEXT" }),
        limit: count("Stop after so many rows", [1, 1_000_000]),
        "page-size": count("One page of at most so many", [1, 25]),
        "page-token": optionalText("Goes on from `next_token`", { placeholder: "TOKEN" }),
        "include-managed": flag("Also the secrets behind certificates"),
      }),
    output: () => z.object({ secrets_list: z.array(Row()), next_token: z.optional(z.string()) }),
    run: async (input) => {
      const vault = await openVault(input["usc-name"]);
      const search = input.search?.toLowerCase();
      const wanted = (item: SecretProperties): boolean =>
        (input["include-managed"] === true || !item.managed) && (search === undefined || item.name.toLowerCase().includes(search));
      const pages = adapter.pages(vault, { size: input["page-size"], token: input["page-token"] });
      if (input["page-size"] === undefined) return { head: {}, pages: rows(pages, wanted, input.limit ?? Infinity) };
      const page = await first(pages);
      return { head: page.next === undefined ? {} : { next_token: page.next }, pages: rows([page], wanted, input.limit ?? Infinity) };
    },
  });

async function* rows(pages: AsyncIterable<Page> | Iterable<Page>, wanted: (item: SecretProperties) => boolean, limit: number) {
  let left = limit;
  for await (const page of pages) {
    const found = page.items.filter(wanted).slice(0, left);
    if (found.length > 0) yield found.map(row);
    left -= found.length;
    if (left === 0) return;
  }
}

async function first(pages: AsyncIterable<Page>): Promise<Page> {
  for await (const page of pages) return page;
  return { items: [] };
}

const row = (item: SecretProperties): z.infer<ReturnType<typeof Row>> => ({
  secret_id: item.id,
  name: item.name,
  ...(item.created === undefined ? {} : { created: rfc3339(item.created) }),
  type: item.contentType ?? "",
  status: item.enabled,
  ...(item.expires === undefined ? {} : { expiration: rfc3339(item.expires) }),
  ...(item.notBefore === undefined ? {} : { activation_date: rfc3339(item.notBefore) }),
  tags: item.tags,
});
