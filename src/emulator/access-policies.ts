import type { VaultState } from "./vault-state.ts";

/** What an access policy may grant on secrets, besides "all". */
export const secretPermissions = ["get", "list", "set", "delete", "recover", "backup", "restore", "purge"] as const;

export type SecretPermission = (typeof secretPermissions)[number];

/** Replaces what the vault's policies say of the principal. No permission at all takes its policy away. */
export function setPolicy(vault: VaultState, objectId: string, secrets: readonly string[]): void {
  const { properties } = vault;
  const others = properties.accessPolicies.filter((policy) => policy.objectId !== objectId);
  properties.accessPolicies = secrets.length === 0 ? others : [...others, { objectId, secrets }];
}

/** Azure tells a caller whose policy lacks the permission from one that has no policy at all. */
export function lookUp(vault: VaultState, objectId: string, wanted: SecretPermission): "granted" | "lacking" | "unknown" {
  const policy = vault.properties.accessPolicies.find((candidate) => candidate.objectId === objectId);
  if (policy === undefined) return "unknown";
  return policy.secrets.includes("all") || policy.secrets.includes(wanted) ? "granted" : "lacking";
}
