import type { ArmHouse } from "./arm-call.ts";
import { armErrors } from "./arm-errors.ts";
import { resourceGroup } from "./arm-resources.ts";

const kinds: readonly { type: string; has(house: ArmHouse, name: string): boolean }[] = [
  { type: "Microsoft.KeyVault/vaults", has: ({ vaults }, name) => vaults.has(name) },
  { type: "Microsoft.Storage/storageAccounts", has: ({ storage }, name) => storage.has(name) },
];

/** Throws for a subscription and a group that are not there: of these everybody is told. */
export function checkPlace({ directory }: ArmHouse, path: string): void {
  const [, id, group] = /^\/subscriptions\/([^/]+)(?:\/resourcegroups\/([^/]+))?(?:\/|$)/i.exec(path) ?? [];
  if (id !== undefined && id.toLowerCase() !== directory.subscriptionId) throw armErrors.unknownSubscription(id);
  if (group !== undefined && group.toLowerCase() !== resourceGroup) throw armErrors.unknownGroup(group);
}

/** Throws for a resource that is not there. What is below a vault or an account is taken for there. */
export function checkResource(house: ArmHouse, scope: string): void {
  const [, provider, type, name] = /\/providers\/([^/]+)\/([^/]+)\/([^/]+)/i.exec(scope) ?? [];
  if (name === undefined) return;
  const asked = `${provider}/${type}`;
  const kind = kinds.find((each) => each.type.toLowerCase() === asked.toLowerCase());
  if (kind?.has(house, name.toLowerCase()) !== true) throw armErrors.unknownResource(kind?.type ?? asked, name, resourceGroup);
}
