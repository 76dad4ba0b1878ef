import type { VaultState } from "./vault-state.ts";

const common = ["get", "list", "delete", "recover", "backup", "restore", "purge"] as const;

/** What an access policy may grant on objects of each kind, besides "all". */
export const permissions = {
  secrets: [...common, "set"],
  certificates: [...common, "create", "import", "update", "getissuers", "listissuers", "setissuers", "deleteissuers", "managecontacts"],
  keys: ["get"],
} as const;

export type Kind = keyof typeof permissions;

/** `certificates get` */
export type Permission = { [K in Kind]: `${K} ${(typeof permissions)[K][number]}` }[Kind];

export type AccessPolicy = { objectId: string } & Readonly<Record<Kind, readonly string[]>>;

/** Replaces what the vault's policies say of the principal. No permission at all takes its policy away. */
export function setPolicy(vault: VaultState, policy: AccessPolicy): void {
  const { properties } = vault;
  const others = properties.accessPolicies.filter(({ objectId }) => objectId !== policy.objectId);
  const isEmpty = policy.secrets.length + policy.certificates.length + policy.keys.length === 0;
  properties.accessPolicies = isEmpty ? others : [...others, policy];
}

/** Azure tells a caller whose policy lacks the permission from one that has no policy at all. */
export function lookUp(vault: VaultState, objectId: string, wanted: Permission): "granted" | "lacking" | "unknown" {
  const policy = vault.properties.accessPolicies.find((candidate) => candidate.objectId === objectId);
  if (policy === undefined) return "unknown";
  const { kind, word } = partsOf(wanted);
  return policy[kind].includes("all") || policy[kind].includes(word) ? "granted" : "lacking";
}

export function partsOf(permission: Permission): { kind: Kind; word: string } {
  const [kind, word] = permission.split(" ");
  return { kind: kind === "certificates" || kind === "keys" ? kind : "secrets", word: word ?? "" };
}
