type ObjectAction = "delete" | `${"recover" | "purge" | "update" | "backup" | "restore"}/action`;

/** What a caller of a vault's data plane needs, after `Microsoft.KeyVault/vaults/`. */
export type DataAction =
  | `secrets/${ObjectAction | "getSecret/action" | "setSecret/action" | "readMetadata/action"}`
  | `certificates/${ObjectAction | "read" | "create/action" | "import/action"}`
  | "keys/read"
  | `certificatecas/${"read" | "write" | "delete"}`;

export function dataAction(action: DataAction): string {
  return `Microsoft.KeyVault/vaults/${action}`;
}
