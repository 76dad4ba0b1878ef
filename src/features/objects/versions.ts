import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { operation } from "../../kernel/operation.ts";
import { onItem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { limits, limitsOf, objectType, secretId, uscName } from "./inputs.ts";
import { typeFlag, type ObjectProperties, type Shelf, type Vault } from "./port.ts";
import { shelfOf } from "./shelf.ts";
import { attributeRow, attributesShown, dated } from "./view.ts";

export const versions = (deps: Pick<Deps, "adapter" | "certificates" | "clock" | "openVault" | "readReference">) =>
  operation({
    name: "versions",
    route: "usc-list-versions",
    aliases: ["usc-list-versions"],
    summary: "Lists the versions of a secret or certificate, newest first, without their values",
    example: "versions --usc-name /prod/kv --secret-id db-password | jq -r '.versions[0].version_id'",
    effect: "read",
    needs: [onItem("list")],
    input: () => z.object({ "usc-name": uscName(), "secret-id": secretId("Name or full URL"), "object-type": objectType(), ...limits() }),
    output: () => z.object({ versions: z.array(z.object({ version_id: z.string(), updated: z.optional(z.string()), ...attributeRow() })) }),
    run: async (input) => {
      const vault = await deps.openVault(input["usc-name"], limitsOf(deps.clock, input));
      const adapter = await shelfOf(deps, input);
      const { name } = deps.readReference(vault, input["secret-id"], adapter.noun);
      const found = await newest(adapter, vault, name);
      // Key Vault has an empty list for a name it never knew.
      if (found.length === 0) {
        throw new UscError("not_found", `There is no ${adapter.noun} ${name} in ${vault.url}.`, {
          hint: `\`usc list${typeFlag(adapter.noun)}\` shows what there is.`,
        });
      }
      return {
        versions: found.map((item) => ({ version_id: item.version ?? "", ...dated("updated", item.updated), ...attributesShown(item) })),
      };
    },
  });

/** All versions, newest first: Key Vault sorts them by id, which is chance. Of one second, the later change is the newer. */
export async function newest<Item extends ObjectProperties>(adapter: Shelf<Item>, vault: Vault, name: string): Promise<Item[]> {
  const all: Item[] = [];
  for await (const page of adapter.versions(vault, name)) all.push(...page.items);
  return all.sort((a, b) => (b.created ?? 0) - (a.created ?? 0) || (b.updated ?? 0) - (a.updated ?? 0));
}
