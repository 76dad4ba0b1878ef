import * as z from "zod/mini";
import { count, flag, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { inParallel } from "../../kernel/parallel.ts";
import type { Deps } from "./deps.ts";
import { answerOf } from "./get.ts";
import { limits, objectType, patientLimitsOf, uscName } from "./inputs.ts";
import { isCode } from "./lifecycle.ts";
import { matching } from "./list.ts";
import type { ObjectAdapter, Secret, Vault } from "./port.ts";

export const getAll = ({ adapter, clock, openVault }: Pick<Deps, "adapter" | "clock" | "openVault">) =>
  operation({
    name: "get-all",
    route: "usc-get-all",
    aliases: ["usc-get-all"],
    summary: "Reads many secrets with their values",
    example: "get-all --usc-name /prod/kv --search db- -o ndjson",
    notes: "In the order of the list. Disabled secrets, and the ones behind certificates, are left out unless asked for.",
    effect: "read",
    stream: "secrets",
    input: () =>
      z.object({
        "usc-name": uscName(),
        "object-type": objectType(),
        search: optionalText("Part of the name, whatever its case", { placeholder: "TEXT" }),
        "include-managed": flag("Also the secrets behind certificates"),
        concurrency: count("How many are read at a time (default: 16)", [1, 64]),
        ...limits(),
      }),
    output: () =>
      z.object({
        secrets: z.array(z.object({ name: z.string(), value: z.string(), binary_value: z.boolean(), version_id: z.optional(z.string()) })),
      }),
    run: async (input) => {
      const vault = await openVault(input["usc-name"], patientLimitsOf(clock, input));
      const named = matching(input.search);
      const names: string[] = [];
      for await (const { items } of adapter.pages(vault)) {
        for (const item of items)
          if (item.enabled && named(item) && (input["include-managed"] === true || !item.managed)) names.push(item.name);
      }
      const found = inParallel(names, input.concurrency ?? 16, (name) => unlessGone(adapter, vault, name));
      return { head: {}, pages: rows(found) };
    },
  });

async function* rows(found: AsyncIterable<Secret | undefined>) {
  for await (const secret of found) {
    if (secret === undefined) continue;
    const { name, value, binary_value, version_id } = answerOf(secret);
    yield [{ name, value, binary_value, version_id }];
  }
}

// Between the list and the read somebody may have deleted or disabled it.
async function unlessGone(adapter: ObjectAdapter, vault: Vault, name: string): Promise<Secret | undefined> {
  return adapter.get(vault, name).catch((error: unknown) => {
    if (isCode(error, "not_found") || (isCode(error, "forbidden") && error.details.reason === "disabled")) return undefined;
    throw error;
  });
}
