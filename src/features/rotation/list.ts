import * as z from "zod/mini";
import { operation } from "../../kernel/operation.ts";
import { pageOf, paging } from "../../kernel/page.ts";
import type { Deps } from "./deps.ts";
import { rotatedSecrets } from "./model.ts";
import { rotatedView, viewOf } from "./view.ts";

export const list = ({ store, may }: Pick<Deps, "store" | "may">) =>
  operation({
    name: "rotated-secret list",
    legacyRoutes: ["gateway-list-rotated-secrets"],
    summary: "Lists rotated secrets: what is rotated, when it is next, and how the last time went",
    example: "rotated-secret list -o table",
    effect: "read",
    needs: [],
    input: () => z.object(paging()),
    output: () => z.object({ items: z.array(rotatedView()), next_page: z.string() }),
    run: async ({ filter, "pagination-token": token }) => {
      const shown = (await store.collection(rotatedSecrets).list()).filter(({ key }) => may("list", "item", key));
      const { page, next_page } = pageOf(shown, token, filter);
      return { items: page.map(({ value }) => viewOf(value)), next_page };
    },
  });
