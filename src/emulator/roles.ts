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

export type DataAction =
  | (typeof secretActions)[number]
  | (typeof certificateActions)[number]
  | "keys/read"
  | `certificatecas/${"read" | "write" | "delete"}`;

interface Role {
  data: readonly string[];
  /** On the management plane: to see the vault as a resource. */
  management: readonly string[];
}

const readVaults = [`${head}read`];

const builtInRoles: Readonly<Record<string, Role>> = {
  "Key Vault Administrator": { data: [`${head}*`], management: readVaults },
  "Key Vault Secrets Officer": { data: [`${head}secrets/*`], management: readVaults },
  "Key Vault Secrets User": { data: [`${head}secrets/getSecret/action`, `${head}secrets/readMetadata/action`], management: [] },
  "Key Vault Reader": { data: [`${head}*/read`, `${head}secrets/readMetadata/action`], management: readVaults },
  "Key Vault Certificates Officer": {
    data: [`${head}certificates/*`, `${head}certificatecas/*`, `${head}certificatecontacts/*`],
    management: readVaults,
  },
  "Key Vault Certificate User": {
    data: [`${head}certificates/read`, `${head}secrets/getSecret/action`, `${head}secrets/readMetadata/action`, `${head}keys/read`],
    management: [],
  },
  "Key Vault Purge Operator": { data: [], management: [] },
  "Key Vault Contributor": { data: [], management: readVaults },
  Contributor: { data: [], management: readVaults },
  Reader: { data: [], management: readVaults },
  Owner: { data: [], management: readVaults },
};

/** What one principal may do, in one vault or, under "*", in all others. */
export interface Grant {
  principal: string;
  vault: string;
  /** Data actions. */
  actions: readonly string[];
  /** Not in the file of an earlier local Azure, where nobody asked. */
  management?: readonly string[];
}

export interface RoleBook {
  /** Replaces what the principal may do: in one vault, or in all. */
  grant(principal: string, vault: string | undefined, rights: Rights): void;
  allows(principal: string, vault: string, action: string): boolean;
  /** The same on the management plane, for the whole name of an action. */
  manages(principal: string, vault: string, action: string): boolean;
  all(): readonly Grant[];
}

export type Rights = Required<Pick<Grant, "actions" | "management">>;

/** A principal that was granted nothing may do everything. */
export function createRoleBook(kept: readonly Grant[]): RoleBook {
  let grants = [...kept];
  const grantOf = (principal: string, vault: string): Grant | undefined => {
    const own = grants.filter((grant) => grant.principal === principal);
    return own.find((grant) => grant.vault === vault) ?? own.find((grant) => grant.vault === "*");
  };
  return {
    grant(principal, vault, rights) {
      grants = grants.filter((grant) => grant.principal !== principal || (vault !== undefined && grant.vault !== vault));
      grants.push({ principal, vault: vault ?? "*", ...rights });
    },
    allows(principal, vault, action) {
      return (grantOf(principal, vault)?.actions ?? ["*"]).some((pattern) => covers(pattern, dataAction(action)));
    },
    manages(principal, vault, action) {
      return (grantOf(principal, vault)?.management ?? ["*"]).some((pattern) => covers(pattern, action));
    },
    all: () => grants,
  };
}

/** What a role allows, or undefined for one that does not exist. */
export function rightsOfRole(role: string): Rights | undefined {
  const found = Object.hasOwn(builtInRoles, role) ? builtInRoles[role] : undefined;
  return found === undefined ? undefined : { actions: found.data, management: found.management };
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
