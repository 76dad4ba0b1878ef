import type { FoundVault, VaultFinder } from "../../src/features/targets/port.ts";
import { UscError } from "../../src/kernel/errors.ts";

/** An ARM with the subscriptions in `vaults`, and one that refuses where `refused` says so. */
export function fakeArm() {
  const seen: string[] = [];
  const vaults: Record<string, FoundVault[]> = {};
  const refused = new Set<string>();
  const finder: VaultFinder = {
    async *pages(cloud, target, subscription, onRefused, limits) {
      seen.push(`${target.name} in ${cloud.name}: ${subscription ?? "all"} ${limits?.maxRetries ?? "-"}`);
      for (const id of subscription === undefined ? Object.keys(vaults) : [subscription]) {
        const refusal = new UscError("forbidden", `ARM refused ${id}.`);
        if (!refused.has(id)) yield vaults[id] ?? [];
        else if (subscription === undefined) onRefused(refusal);
        else throw refusal;
      }
    },
  };
  return { finder, seen, vaults, refused };
}
