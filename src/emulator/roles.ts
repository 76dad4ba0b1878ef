import { builtInRoles, type RoleDefinition } from "./role-definitions.ts";
import { everything, permits, type Permissions, type Right } from "./role-permissions.ts";
import { isWithin } from "./scopes.ts";

/**
 * Terminology.
 * Grant: what the control API lets one principal do, in one vault or, under "*", everywhere else; it stands in no list of ARM's.
 * Assignment: a role that a principal has at a scope, made through ARM; it comes on top of grants.
 */
export interface Grant {
  principal: string;
  vault: string;
  permissions: readonly Permissions[];
}

export interface Assignment {
  /** A GUID in small letters: the last part of its id. */
  name: string;
  scope: string;
  /** The name of the role definition. */
  role: string;
  principalId: string;
  principalType: string;
  description: string | null;
  /** Kept and shown, and never evaluated. */
  condition: string | null;
  conditionVersion: string | null;
  /** Epoch milliseconds; who did it is an object id. */
  createdOn: number;
  updatedOn: number;
  createdBy: string;
  updatedBy: string;
  /** It is seen at once, and counts from here: it has to get about first. */
  countsFrom: number;
  /** It was deleted, and counts until here. */
  countsUntil?: number;
}

/** What a data folder keeps of it. */
export interface KeptRoles {
  /** Whom the local Azure began with: granted nothing, they may do everything. All others may do nothing then. */
  founders: readonly string[];
  grants: readonly Grant[];
  assignments: readonly Assignment[];
  definitions: readonly RoleDefinition[];
}

export interface RoleBook {
  /** Replaces what the control API lets the principal do: in one vault, or everywhere. */
  grant(principal: string, vault: string | undefined, permissions: readonly Permissions[]): void;
  /** `resource` is an id, as a scope. */
  may(principal: string, right: Right, resource: string, now: number): boolean;
  /** Whether the principal may do anything at all on the management plane, anywhere. */
  manages(principal: string, now: number): boolean;
  assignments(): Assignment[];
  assign(assignment: Assignment): void;
  /** Gone at once from every list; it counts for a while yet. */
  unassign(name: string, now: number, lingersMs: number): void;
  definitions(): RoleDefinition[];
  /** Puts a custom role in the place of the one of that name. */
  define(definition: RoleDefinition): void;
  undefine(name: string): void;
  kept(): KeptRoles;
}

/** `identitiesOf` says whose assignments count for a principal. */
export function createRoleBook(
  { founders, ...from }: KeptRoles,
  identitiesOf: (principal: string, now: number) => ReadonlySet<string>,
): RoleBook {
  let grants = [...from.grants];
  let assigned = [...from.assignments];
  let custom = [...from.definitions];
  const definitions = (): RoleDefinition[] => [...builtInRoles, ...custom];
  const permissionsOf = (role: string): readonly Permissions[] => definitions().find(({ name }) => name === role)?.permissions ?? [];

  const grantedIn = (principal: string, vault: string): readonly Permissions[] => {
    const own = grants.filter((grant) => grant.principal === principal);
    const found = own.find((grant) => grant.vault === vault) ?? own.find((grant) => grant.vault === "*");
    return found?.permissions ?? (founders.includes(principal) ? [everything] : []);
  };
  const assignedTo = (principal: string, now: number): Assignment[] => {
    const counting = assigned.filter(({ countsFrom, countsUntil = Infinity }) => countsFrom <= now && now < countsUntil);
    const identities = identitiesOf(principal, now);
    return counting.filter(({ principalId }) => identities.has(principalId));
  };

  return {
    grant(principal, vault, permissions) {
      grants = grants.filter((grant) => grant.principal !== principal || (vault !== undefined && grant.vault !== vault));
      grants.push({ principal, vault: vault ?? "*", permissions });
    },
    may(principal, right, resource, now) {
      const here = assignedTo(principal, now).filter(({ scope }) => isWithin(resource, scope));
      const granted = grantedIn(principal, vaultOf(resource));
      return [...granted, ...here.flatMap(({ role }) => permissionsOf(role))].some((entry) => permits(entry, right));
    },
    manages(principal, now) {
      const granted = [
        grantedIn(principal, "*"),
        ...grants.filter((grant) => grant.principal === principal).map((each) => each.permissions),
      ];
      const all = [...granted, ...assignedTo(principal, now).map(({ role }) => permissionsOf(role))];
      return all.flat().some(({ actions }) => actions.length > 0);
    },
    assignments: () => assigned.filter(({ countsUntil }) => countsUntil === undefined),
    assign(assignment) {
      assigned = [...assigned.filter(({ name, countsUntil }) => name !== assignment.name || countsUntil !== undefined), assignment];
    },
    unassign(name, now, lingersMs) {
      assigned = assigned
        .map((each) => (each.name === name ? { ...each, countsUntil: each.countsUntil ?? now + lingersMs } : each))
        .filter((each) => now < (each.countsUntil ?? Infinity));
    },
    definitions,
    define(definition) {
      custom = [...custom.filter(({ name }) => name !== definition.name), definition];
    },
    undefine(name) {
      custom = custom.filter((each) => each.name !== name);
    },
    kept: () => ({ founders, grants, assignments: assigned, definitions: custom }),
  };
}

function vaultOf(resource: string): string {
  return /\/providers\/microsoft\.keyvault\/vaults\/([^/]+)/i.exec(resource)?.[1]?.toLowerCase() ?? "*";
}
