import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { limits, limitsOf, objectType, secretId, uscName } from "./inputs.ts";
import type { ObjectAdapter, SecretProperties, Vault } from "./port.ts";
import { attributeRow, attributesShown, dated } from "./view.ts";

export const versions = ({ adapter, clock, openVault, readReference }: Pick<Deps, "adapter" | "clock" | "openVault" | "readReference">) =>
  operation({
    name: "versions",
    route: "usc-list-versions",
    aliases: ["usc-list-versions"],
    summary: "Lists the versions of a secret, newest first, without their values",
    example: "versions --usc-name /prod/kv --secret-id db-password | jq -r '.versions[0].version_id'",
    effect: "read",
    input: () => z.object({ "usc-name": uscName(), "secret-id": secretId("Name or full URL"), "object-type": objectType(), ...limits() }),
    output: () => z.object({ versions: z.array(z.object({ version_id: z.string(), updated: z.optional(z.string()), ...attributeRow() })) }),
    run: async (input) => {
      const vault = await openVault(input["usc-name"], limitsOf(clock, input));
      const { name } = readReference(vault, input["secret-id"], "secrets");
      const found = await newest(adapter, vault, name);
      // Key Vault has an empty list for a name it never knew.
      if (found.length === 0) {
        throw new UscError("not_found", `There is no secret ${name} in ${vault.url}.`, { hint: "`usc list` shows what there is." });
      }
      return {
        versions: found.map((item) => ({ version_id: item.version ?? "", ...dated("updated", item.updated), ...attributesShown(item) })),
      };
    },
  });

/** All versions, newest first: Key Vault sorts them by id, which is chance. Of one second, the later change is the newer. */
export async function newest(adapter: ObjectAdapter, vault: Vault, name: string): Promise<SecretProperties[]> {
  const all: SecretProperties[] = [];
  for await (const page of adapter.versions(vault, name)) all.push(...page.items);
  return all.sort((a, b) => (b.created ?? 0) - (a.created ?? 0) || (b.updated ?? 0) - (a.updated ?? 0));
}
