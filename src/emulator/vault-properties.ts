/** What the owner of a vault decides. In Azure these are properties of the vault's ARM resource. */
export interface VaultProperties {
  purgeProtection: boolean;
  /** Who says what a caller may do: role assignments, or the vault's own access policies. */
  access: "rbac" | "policies";
  /** Whom the network lets through. The local Azure's clients are never on a firewall's list, nor behind a private endpoint. */
  network: "public" | "firewall" | "private";
  accessPolicies: AccessPolicy[];
}

interface AccessPolicy {
  objectId: string;
  /** "all" covers the others. */
  secrets: readonly string[];
}

export function propertiesFor(owner: string): VaultProperties {
  return { purgeProtection: false, access: "rbac", network: "public", accessPolicies: [{ objectId: owner, secrets: ["all"] }] };
}
