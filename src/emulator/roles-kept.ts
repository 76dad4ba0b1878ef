import type { Directory } from "./directory.ts";
import { permissions } from "./role-permissions.ts";
import type { Grant, KeptRoles } from "./roles.ts";

/** Roles in the file of the data folder. Grants alone were there from the beginning. */
export type StoredRoles = Partial<KeptRoles> & { grants: readonly (Grant | EarlierGrant)[] };

/** It knew patterns of actions alone, and at first those of the data plane alone. */
interface EarlierGrant {
  principal: string;
  vault: string;
  actions: readonly string[];
  management?: readonly string[];
}

export function keptRoles(stored: StoredRoles | undefined, { servicePrincipals, managedIdentities }: Directory): KeptRoles {
  return {
    founders: stored?.founders ?? [...servicePrincipals.slice(0, 1), ...managedIdentities].map(({ objectId }) => objectId),
    grants: (stored?.grants ?? []).map((each) => ("permissions" in each ? each : grantAfter(each))),
    assignments: stored?.assignments ?? [],
    definitions: stored?.definitions ?? [],
  };
}

function grantAfter({ principal, vault, actions: dataActions, management: actions = ["*"] }: EarlierGrant): Grant {
  return { principal, vault, permissions: [permissions({ actions, dataActions })] };
}
