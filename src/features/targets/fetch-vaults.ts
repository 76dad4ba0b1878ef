import * as z from "zod/mini";
import type { Clock } from "../../kernel/clock.ts";
import { optionalGuid, text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onTarget } from "../../kernel/rights.ts";
import type { Steps } from "../../kernel/steps.ts";
import type { Store } from "../../kernel/store.ts";
import { trustedCloud } from "./clouds.ts";
import { findTarget } from "./find.ts";
import { limits, pagedLimitsOf } from "./inputs.ts";
import type { FoundVault, VaultFinder } from "./port.ts";

interface Deps {
  store: Store;
  clock: Clock;
  steps: Pick<Steps, "warn">;
  finder: () => Promise<VaultFinder>;
}

const vaultRow = () =>
  z.object({
    name: z.string(),
    vault_url: z.string(),
    resource_group: z.string(),
    subscription_id: z.string(),
    location: z.string(),
    tenant_id: z.string(),
    rbac: z.boolean(),
    purge_protection: z.boolean(),
    soft_delete_days: z.optional(z.number()),
  });

export const fetchVaults = ({ store, clock, steps, finder }: Deps) =>
  operation({
    name: "fetch-vaults",
    route: "usc-fetch-vaults",
    aliases: ["usc-fetch-vaults"],
    summary: "Finds the vaults that a target's identity can see",
    example: "fetch-vaults --target-name /prod/app -o table",
    notes:
      "Asks Azure Resource Manager, which needs Reader on the subscription; a role on a vault's secrets is not enough. Without --subscription-id: the target's own subscription, else all enabled ones that the identity sees.",
    effect: "read",
    needs: [onTarget("read", "target-name")],
    names: { item: ["target-name"] },
    stream: "vaults",
    input: () =>
      z.object({
        "target-name": text("Target whose identity looks", { short: "n" }),
        "subscription-id": optionalGuid("Only in this subscription"),
        ...limits(),
      }),
    output: () => z.object({ vaults: z.array(vaultRow()) }),
    run: async (input) => {
      const { key, value: target } = await findTarget(store, input["target-name"]);
      const cloud = await trustedCloud(store, key, target, "whole");
      const subscription = input["subscription-id"] ?? target["subscription-id"];
      const warn = (refusal: Error): void => steps.warn(refusal.message);
      const pages = (await finder()).pages(cloud, target, subscription, warn, pagedLimitsOf(clock, input));
      return { head: {}, pages: rowsOf(pages) };
    },
  });

async function* rowsOf(pages: AsyncIterable<FoundVault[]>): AsyncGenerator<z.infer<ReturnType<typeof vaultRow>>[]> {
  for await (const page of pages) {
    yield page.map((vault) => ({
      name: vault.name,
      vault_url: vault.url,
      resource_group: vault.resourceGroup,
      subscription_id: vault.subscription,
      location: vault.location,
      tenant_id: vault.tenant,
      rbac: vault.rbac,
      purge_protection: vault.purgeProtection,
      ...(vault.softDeleteDays === undefined ? {} : { soft_delete_days: vault.softDeleteDays }),
    }));
  }
}
