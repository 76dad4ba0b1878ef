/**
 * Terminology.
 * Data action: one right, `Microsoft.KeyVault/vaults/secrets/getSecret/action`. Grant: what one principal may do in one vault.
 */
const head = "Microsoft.KeyVault/vaults/";

const secretActions = [
  "secrets/getSecret/action",
  "secrets/setSecret/action",
  "secrets/readMetadata/action",
  "secrets/delete",
  "secrets/recover/action",
  "secrets/purge/action",
  "secrets/update/action",
  "secrets/backup/action",
  "secrets/restore/action",
] as const;

const certificateActions = [
  "certificates/read",
  "certificates/create/action",
  "certificates/import/action",
  "certificates/update/action",
  "certificates/delete",
  "certificates/recover/action",
  "certificates/purge/action",
  "certificates/backup/action",
  "certificates/restore/action",
] as const;

export type DataAction = (typeof secretActions)[number] | (typeof certificateActions)[number] | "keys/read";

const builtInRoles: Readonly<Record<string, readonly string[]>> = {
  "Key Vault Administrator": [`${head}*`],
  "Key Vault Secrets Officer": [`${head}secrets/*`],
  "Key Vault Secrets User": [`${head}secrets/getSecret/action`, `${head}secrets/readMetadata/action`],
  "Key Vault Reader": [`${head}*/read`, `${head}secrets/readMetadata/action`],
  "Key Vault Certificates Officer": [`${head}certificates/*`, `${head}certificatecas/*`, `${head}certificatecontacts/*`],
  "Key Vault Certificate User": [
    `${head}certificates/read`,
    `${head}secrets/getSecret/action`,
    `${head}secrets/readMetadata/action`,
    `${head}keys/read`,
  ],
  "Key Vault Purge Operator": [],
  "Key Vault Contributor": [],
  Contributor: [],
  Reader: [],
  Owner: [],
};

/** What one principal may do, in one vault or, under "*", in all others. */
export interface Grant {
  principal: string;
  vault: string;
  actions: readonly string[];
}

export interface RoleBook {
  /** Replaces what the principal may do: in one vault, or in all. */
  grant(principal: string, vault: string | undefined, actions: readonly string[]): void;
  allows(principal: string, vault: string, action: string): boolean;
  all(): readonly Grant[];
}

/** A principal that was granted nothing may do everything. */
export function createRoleBook(kept: readonly Grant[]): RoleBook {
  let grants = [...kept];
  return {
    grant(principal, vault, actions) {
      grants = grants.filter((grant) => grant.principal !== principal || (vault !== undefined && grant.vault !== vault));
      grants.push({ principal, vault: vault ?? "*", actions });
    },
    allows(principal, vault, action) {
      const own = grants.filter((grant) => grant.principal === principal);
      const found = own.find((grant) => grant.vault === vault) ?? own.find((grant) => grant.vault === "*");
      return (found?.actions ?? ["*"]).some((pattern) => covers(pattern, dataAction(action)));
    },
    all: () => grants,
  };
}

/** The data actions of a role, or undefined for a role that does not exist. */
export function actionsOfRole(role: string): readonly string[] | undefined {
  return Object.hasOwn(builtInRoles, role) ? builtInRoles[role] : undefined;
}

export function dataAction(action: string): string {
  return head + action;
}

// `Microsoft.KeyVault/vaults/secrets/*` covers all that begins so; one star at most is enough for roles.
function covers(pattern: string, action: string): boolean {
  const star = pattern.indexOf("*");
  const [wanted, given] = [pattern.toLowerCase(), action.toLowerCase()];
  if (star === -1) return wanted === given;
  const [before, after] = [wanted.slice(0, star), wanted.slice(star + 1)];
  return given.length >= before.length + after.length && given.startsWith(before) && given.endsWith(after);
}
