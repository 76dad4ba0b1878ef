import { permissions, type Permissions } from "./role-permissions.ts";

export interface RoleDefinition {
  /** A GUID in small letters: the last part of its id. */
  name: string;
  roleName: string;
  description: string;
  type: "BuiltInRole" | "CustomRole";
  permissions: readonly Permissions[];
  assignableScopes: readonly string[];
  /** Epoch milliseconds; who changed it is an object id. */
  createdOn: number;
  updatedOn: number;
  createdBy: string | null;
  updatedBy: string | null;
}

const authorization = "Microsoft.Authorization";
const vaults = "Microsoft.KeyVault/vaults";
const storage = "Microsoft.Storage/storageAccounts";
const always = [
  `${authorization}/*/read`,
  "Microsoft.Insights/alertRules/*",
  "Microsoft.Resources/deployments/*",
  "Microsoft.Resources/subscriptions/resourceGroups/read",
  "Microsoft.Support/*",
];
const vaultReading = [
  ...always,
  "Microsoft.KeyVault/checkNameAvailability/read",
  "Microsoft.KeyVault/deletedVaults/read",
  "Microsoft.KeyVault/locations/*/read",
  `${vaults}/*/read`,
  "Microsoft.KeyVault/operations/read",
];
const secretReading = [`${vaults}/secrets/getSecret/action`, `${vaults}/secrets/readMetadata/action`];

/** Of the several hundred that Azure has: names and GUIDs as the wire contract has them (8.5), rights as Azure documents them. */
export const builtInRoles: readonly RoleDefinition[] = [
  builtIn("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", { actions: ["*"] }),
  builtIn("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", {
    actions: ["*"],
    notActions: [`${authorization}/*/Delete`, `${authorization}/*/Write`, `${authorization}/elevateAccess/Action`],
  }),
  builtIn("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", { actions: ["*/read"] }),
  builtIn("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", {
    actions: ["*/read", `${authorization}/*`, "Microsoft.Support/*"],
  }),
  builtIn("f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator", {
    actions: [`${authorization}/roleAssignments/write`, `${authorization}/roleAssignments/delete`, "*/read", "Microsoft.Support/*"],
  }),
  builtIn("00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator", { actions: vaultReading, dataActions: [`${vaults}/*`] }),
  builtIn("b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer", {
    actions: vaultReading,
    dataActions: [`${vaults}/secrets/*`],
  }),
  builtIn("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", { dataActions: secretReading }),
  builtIn("a4417e6f-fecd-4de8-b567-7b0420556985", "Key Vault Certificates Officer", {
    actions: vaultReading,
    dataActions: [`${vaults}/certificatecas/*`, `${vaults}/certificates/*`, `${vaults}/certificatecontacts/*`],
  }),
  builtIn("db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", "Key Vault Certificate User", {
    dataActions: [`${vaults}/certificates/read`, ...secretReading, `${vaults}/keys/read`],
  }),
  builtIn("21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader", {
    actions: vaultReading,
    dataActions: [`${vaults}/*/read`, `${vaults}/secrets/readMetadata/action`],
  }),
  builtIn("a68e7c17-0ab2-4c09-9a58-125dae29748c", "Key Vault Purge Operator", {
    actions: ["Microsoft.KeyVault/locations/deletedVaults/purge/action", "Microsoft.KeyVault/deletedVaults/read"],
  }),
  builtIn("f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor", {
    actions: [...always, "Microsoft.KeyVault/*"],
    notActions: [
      "Microsoft.KeyVault/locations/deletedVaults/purge/action",
      "Microsoft.KeyVault/hsmPools/*",
      "Microsoft.KeyVault/managedHsms/*",
    ],
  }),
  builtIn("81a9662b-bebf-436f-a333-f67b29880f12", "Storage Account Key Operator Service Role", {
    actions: [`${storage}/listkeys/action`, `${storage}/regeneratekey/action`],
  }),
  builtIn("17d1049b-9a84-46fb-8f53-869881c3d3ab", "Storage Account Contributor", { actions: [...always, `${storage}/*`] }),
];

// The local Azure does not know when Azure made them.
function builtIn(name: string, roleName: string, given: Partial<Permissions>): RoleDefinition {
  const since = { createdOn: Date.UTC(2020, 0, 1), updatedOn: Date.UTC(2020, 0, 1), createdBy: null, updatedBy: null };
  const description = `${roleName}, as Azure has it.`;
  return { name, roleName, description, type: "BuiltInRole", permissions: [permissions(given)], assignableScopes: ["/"], ...since };
}
