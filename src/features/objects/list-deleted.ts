import * as z from "zod/mini";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { matching } from "./find.ts";
import { limits, objectType, pagedLimitsOf, rowLimit, search, uscName } from "./inputs.ts";
import { selected } from "./list.ts";
import { shelfOf } from "./shelf.ts";
import { attributeRow, attributesShown, dated } from "./view.ts";

export const listDeleted = (deps: Pick<Deps, "adapter" | "certificates" | "clock" | "openVault">) =>
  operation({
    name: "list-deleted",
    route: "usc-list-deleted",
    aliases: ["usc-list-deleted"],
    summary: "Lists the soft-deleted secrets or certificates of a vault",
    example: "list-deleted --usc-name /prod/kv -o table",
    notes: "A deletion of the last minute or two may not be in it yet.",
    effect: "read",
    needs: [onItem("list")],
    stream: "secrets_list",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "object-type": objectType(),
        search: search(),
        limit: rowLimit(),
        ...limits(),
      }),
    output: () =>
      z.object({
        secrets_list: z.array(
          z.object({
            secret_id: z.string(),
            name: z.string(),
            deleted_date: z.optional(z.string()),
            scheduled_purge_date: z.optional(z.string()),
            ...attributeRow(),
          }),
        ),
      }),
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], pagedLimitsOf(deps.clock, input));
      const adapter = await shelfOf(deps, input);
      const pages = selected(adapter.deletedPages(vault), matching(input.search), input.limit, (item) => ({
        secret_id: `${vault.url}/${adapter.noun}s/${item.name}`,
        name: item.name,
        ...dated("deleted_date", item.deleted),
        ...dated("scheduled_purge_date", item.scheduledPurge),
        ...attributesShown(item),
      }));
      return { head: {}, pages };
    },
  });
