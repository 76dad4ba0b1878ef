import type { AccessPolicy } from "./access-policies.ts";

/** What the owner of a vault decides. In Azure these are properties of the vault's ARM resource. */
export interface VaultProperties {
  purgeProtection: boolean;
  /** Who says what a caller may do: role assignments, or the vault's own access policies. */
  access: "rbac" | "policies";
  /** Whom the network lets through. The local Azure's clients are never on a firewall's list, nor behind a private endpoint. */
  network: "public" | "firewall" | "private";
  accessPolicies: AccessPolicy[];
}

const everything = { secrets: ["all"], certificates: ["all"], keys: ["all"] };

export function propertiesFor(owner: string): VaultProperties {
  return { purgeProtection: false, access: "rbac", network: "public", accessPolicies: [{ objectId: owner, ...everything }] };
}

/** A data folder of an earlier local Azure knows permissions on secrets alone. */
export function completed(stored: VaultProperties): VaultProperties {
  return { ...stored, accessPolicies: stored.accessPolicies.map((policy) => ({ ...everything, ...policy })) };
}
