import * as z from "zod/mini";
import { count, flag } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { readAll } from "./find.ts";
import { answerOf } from "./get.ts";
import { limits, secretOnly, pagedLimitsOf, search, uscName } from "./inputs.ts";
import type { Secret } from "./port.ts";

export const getAll = ({ adapter, clock, openVault }: Pick<Deps, "adapter" | "clock" | "openVault">) =>
  operation({
    name: "get-all",
    route: "usc-get-all",
    aliases: ["usc-get-all"],
    summary: "Reads many secrets with their values",
    example: "get-all --usc-name /prod/kv --search db- -o ndjson",
    notes: "In the order of the list. Disabled secrets are left out, and those behind certificates unless --include-managed.",
    effect: "read",
    needs: [onItem("list"), onItem("read")],
    stream: "secrets",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "object-type": secretOnly(),
        search: search(),
        "include-managed": flag("Also the secrets behind certificates"),
        concurrency: count("How many are read at a time (default: 16)", [1, 64]),
        ...limits(),
      }),
    output: () =>
      z.object({
        secrets: z.array(z.object({ name: z.string(), value: z.string(), binary_value: z.boolean(), version_id: z.optional(z.string()) })),
      }),
    run: async (input) => {
      const vault = await openVault(input["usc-name"], pagedLimitsOf(clock, input));
      const wanted = { search: input.search, managed: input["include-managed"] };
      const found = readAll(adapter, vault, wanted, input.concurrency ?? 16);
      return { head: {}, pages: rows(found) };
    },
  });

async function* rows(found: AsyncIterable<Secret>) {
  for await (const secret of found) {
    const { name, value, binary_value, version_id } = answerOf(secret);
    yield [{ name, value, binary_value, version_id }];
  }
}
