import * as z from "zod/mini";
import { list as many } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { pageOf, paging } from "../../kernel/page.ts";
import type { May } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import { targets } from "./model.ts";
import { targetView, viewOf } from "./view.ts";

export const list = ({ store, may }: { store: Store; may: May }) =>
  operation({
    name: "target list",
    legacyRoutes: ["list-targets"],
    summary: "Lists targets",
    example: "target list --filter prod -o table",
    effect: "read",
    needs: [],
    input: () =>
      z.object({
        type: many("Kind of target; may be repeated"),
        ...paging(),
      }),
    output: () => z.object({ targets: z.array(targetView()), next_page: z.string() }),
    run: async ({ filter, type, "pagination-token": token }) => {
      const wanted = type === undefined || type.length === 0 || type.includes("azure");
      const all = wanted ? await store.collection(targets).list() : [];
      const shown = all.filter(({ key }) => may("list", "target", key));
      const { page, next_page } = pageOf(shown, token, filter);
      return { targets: page.map((stored) => viewOf(stored.value)), next_page };
    },
  });
