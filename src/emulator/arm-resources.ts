import type { AccessPolicy } from "./access-policies.ts";
import type { Origin } from "./hosts.ts";
import { recoverableDays } from "./lifecycle.ts";
import type { VaultState } from "./vault-state.ts";

export const resourceGroup = "local";
export const region = "eastus";
export const vaultType = "Microsoft.KeyVault/vaults";

/** Who looks at resources, and by which names. */
export interface ArmView {
  subscriptionId: string;
  tenantId: string;
  origin: Origin;
  /** Where local names of vaults are served. */
  localSuffix: string;
}

export function resourceId(view: Pick<ArmView, "subscriptionId">, type: string, name: string): string {
  return `/subscriptions/${view.subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
}

/** What the list of all resources shows. */
export function resource(view: ArmView, type: string, name: string): object {
  return { id: resourceId(view, type, name), name, type, location: region, tags: {} };
}

/** Azure has seven digits after the second, which not every program expects. */
export function preciseTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "0000Z");
}

export function vaultResource(view: ArmView, vault: VaultState): object {
  const { purgeProtection, access, network, accessPolicies } = vault.properties;
  return {
    ...resource(view, vaultType, vault.name),
    properties: {
      sku: { family: "A", name: "standard" },
      tenantId: view.tenantId,
      accessPolicies: access === "rbac" ? [] : accessPolicies.map((policy) => shownPolicy(view.tenantId, policy)),
      enabledForDeployment: false,
      enabledForTemplateDeployment: false,
      enableSoftDelete: true,
      softDeleteRetentionInDays: recoverableDays,
      enableRbacAuthorization: access === "rbac",
      // True or absent: it can never be taken back.
      ...(purgeProtection ? { enablePurgeProtection: true } : {}),
      vaultUri: `https://${vault.name}.${view.origin.real ? "vault.azure.net" : view.localSuffix}/`,
      provisioningState: "Succeeded",
      publicNetworkAccess: network === "private" ? "Disabled" : "Enabled",
      ...(network === "firewall" ? { networkAcls: { bypass: "None", defaultAction: "Deny", ipRules: [], virtualNetworkRules: [] } } : {}),
    },
  };
}

function shownPolicy(tenantId: string, { objectId, secrets, certificates, keys }: AccessPolicy): object {
  return { tenantId, objectId, permissions: { keys, secrets, certificates, storage: [] } };
}

export function subscription({ subscriptionId, tenantId }: ArmView): object {
  return {
    id: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    tenantId,
    displayName: "local",
    state: "Enabled",
    authorizationSource: "RoleBased",
    managedByTenants: [],
    subscriptionPolicies: { locationPlacementId: "Public_2014-09-01", quotaId: "PayAsYouGo_2014-09-01", spendingLimit: "Off" },
  };
}

export function group({ subscriptionId }: ArmView): object {
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  const properties = { provisioningState: "Succeeded" };
  return { id, name: resourceGroup, type: "Microsoft.Resources/resourceGroups", location: region, properties };
}
