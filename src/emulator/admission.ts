import { lookUp, partsOf } from "./access-policies.ts";
import { dataAction } from "./data-actions.ts";
import type { RoleBook } from "./roles.ts";
import type { Caller } from "./token.ts";
import { VaultFailure } from "./vault-errors.ts";
import type { VaultRoute } from "./vault-call.ts";
import type { VaultState } from "./vault-state.ts";

/** A caller whose token is good, before the door of a vault. */
export interface Visit {
  caller: Caller;
  vault: VaultState;
  region: string;
  subscriptionId: string;
  route: Pick<VaultRoute, "path" | "action" | "permission">;
  /** The name of the object, or empty. */
  name: string;
  now: number;
}

/** The network decides first, then roles or policies. Each refusal is a 403 of its own, told apart by its inner code. */
export function admit(visit: Visit, roles: RoleBook): void {
  const { vault, caller, route } = visit;
  if (vault.properties.network === "firewall") throw forbidden(byFirewall(visit), "ForbiddenByFirewall");
  if (vault.properties.network === "private") throw forbidden(byConnection(visit), "ForbiddenByConnection");
  if (vault.properties.access === "rbac") {
    const right = { plane: "dataActions", name: dataAction(route.action) } as const;
    if (!roles.may(caller.objectId, right, resourceOf(visit), visit.now)) throw forbidden(byRbac(visit), "ForbiddenByRbac");
    return;
  }
  const found = lookUp(vault, caller.objectId, route.permission);
  if (found === "granted") return;
  // Of one deleted object the vault does not say whose permission is missing (wire contract, 3.7).
  if (/^\/deleted[a-z]+\/\{name\}$/.test(route.path) && route.permission.endsWith(" get")) {
    throw forbidden("Operation get is not permitted on this object.", "AccessDenied");
  }
  throw forbidden(byPolicy(visit), found === "lacking" ? "ForbiddenByPolicy" : "AccessDenied");
}

function forbidden(lines: string | readonly string[], inner: string): VaultFailure {
  return new VaultFailure(403, "Forbidden", typeof lines === "string" ? lines : lines.join("\r\n"), inner);
}

function callerLine({ caller }: Visit): string {
  return `Caller: appid=${caller.clientId};oid=${caller.objectId};iss=${caller.issuer}`;
}

function vaultLine({ vault, region }: Visit): string {
  return `Vault: ${vault.name};location=${region}`;
}

/** The lines after the second are as hashicorp/packer-plugin-azure#384 quotes them. */
function byFirewall(visit: Visit): readonly string[] {
  return [
    "Client address is not authorized and caller is not a trusted service.",
    "Client address: 127.0.0.1",
    callerLine(visit),
    vaultLine(visit),
  ];
}

function byConnection(visit: Visit): readonly string[] {
  return [
    "Public network access is disabled and request is not from a trusted service nor via an approved private link.",
    callerLine(visit),
    vaultLine(visit),
  ];
}

/** An object is a resource of its own: a role may be assigned on one secret. */
function resourceOf({ subscriptionId, vault, route, name }: Visit): string {
  const resource = `/subscriptions/${subscriptionId}/resourcegroups/local/providers/microsoft.keyvault/vaults/${vault.name}`;
  return name === "" ? resource : `${resource}/${partsOf(route.permission).kind}/${name}`;
}

function byRbac(visit: Visit): readonly string[] {
  return [
    "Caller is not authorized to perform action on resource.",
    "If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.",
    callerLine(visit),
    `Action: '${dataAction(visit.route.action)}'`,
    `Resource: '${resourceOf(visit)}'`,
    "Assignment: (not found)",
    "DenyAssignmentId: null",
    "DecisionReason: null",
    vaultLine(visit),
  ];
}

function byPolicy({ caller, vault, region, route }: Visit): string {
  const who = `appid=${caller.clientId};oid=${caller.objectId};numgroups=0;iss=${caller.issuer}`;
  return `The user, group or application '${who}' does not have ${route.permission} permission on key vault '${vault.name};location=${region}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`;
}
