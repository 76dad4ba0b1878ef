import { may, ok, paged, refused, type ArmCall, type ArmHouse, type ArmRoute } from "./arm-call.ts";
import { armCaller } from "./arm-caller.ts";
import { armErrors, ArmFailure, armFailure } from "./arm-errors.ts";
import { group, resource, resourceGroup, resourceId, subscription, vaultResource, vaultType } from "./arm-resources.ts";
import { deleteAssignment, getAssignment, listAssignments, putAssignment } from "./arm-role-assignments.ts";
import { deleteDefinition, getDefinition, listDefinitions, putDefinition } from "./arm-role-definitions.ts";
import { checkPlace } from "./arm-scope.ts";
import { readableAccounts, storageRoutes, storageType } from "./arm-storage.ts";
import { checkApiVersion } from "./arm-versions.ts";
import { findRoute, type Answer, type Ask, type Room } from "./room.ts";
import { authorizationPath } from "./scopes.ts";
import { createThrottle, type Throttle } from "./throttle.ts";
import type { VaultState } from "./vault-state.ts";

const readVaults = `${vaultType}/read`;
const vaults = "providers/microsoft.keyvault/vaults";

const routes: readonly ArmRoute[] = [
  { method: "GET", path: "/tenants", run: listTenants },
  { method: "GET", path: "/subscriptions", run: listSubscriptions },
  { method: "GET", path: "/subscriptions/{subscription}", run: getSubscription },
  { method: "GET", path: "/subscriptions/{subscription}/resourcegroups", run: listGroups },
  { method: "GET", path: "/subscriptions/{subscription}/resources", run: listResources },
  { method: "GET", path: `/subscriptions/{subscription}/${vaults}`, run: listVaults },
  { method: "GET", path: `/subscriptions/{subscription}/resourcegroups/{group}/${vaults}`, run: listVaults },
  { method: "GET", path: `/subscriptions/{subscription}/resourcegroups/{group}/${vaults}/{name}`, run: getVault },
  ...storageRoutes,
];

/** What Microsoft.Authorization has at any scope: after it, so by another table. */
const scopedRoutes: readonly {
  method: string;
  path: string;
  run(call: ArmCall, scope: string, name: string): Promise<Answer> | Answer;
}[] = [
  { method: "GET", path: "/roleassignments", run: listAssignments },
  { method: "GET", path: "/roleassignments/{name}", run: getAssignment },
  { method: "PUT", path: "/roleassignments/{name}", run: putAssignment },
  { method: "DELETE", path: "/roleassignments/{name}", run: deleteAssignment },
  { method: "GET", path: "/roledefinitions", run: listDefinitions },
  { method: "GET", path: "/roledefinitions/{name}", run: getDefinition },
  { method: "PUT", path: "/roledefinitions/{name}", run: putDefinition },
  { method: "DELETE", path: "/roledefinitions/{name}", run: deleteDefinition },
];

/** The management plane, as far as it shows subscriptions and vaults, says who may what, and has the keys of storage accounts. */
export function createArm(house: ArmHouse): Room {
  const takes = createThrottle();
  return async (ask) => {
    let answer: Answer;
    try {
      // Clients that join the endpoint's slash and the scope's ask for `//subscriptions/...`.
      answer = await answerTo(house, takes, { ...ask, path: ask.path.replace(/^\/+/, "/") });
    } catch (error) {
      if (!(error instanceof ArmFailure)) throw error;
      answer = armFailure(error, house.directory.tenantId);
    }
    return { ...answer, headers: { ...headersFor(ask), ...answer.headers } };
  };
}

async function answerTo(house: ArmHouse, takes: Throttle, ask: Ask): Promise<Answer> {
  const now = house.clock.now();
  const caller = armCaller(house, ask);
  const { perTenSeconds, retryAfter } = house.settings.arm;
  if (!takes(caller.objectId, now, perTenSeconds)) throw armErrors.throttled(retryAfter);
  checkApiVersion(ask.path, ask.query.get("api-version") ?? "");
  const { subscriptionId, tenantId } = house.directory;
  const view = { subscriptionId, tenantId, origin: ask.origin, localSuffix: house.localSuffix() };
  const call = { house, ask, caller, view, now };

  const scoped = authorizationPath(ask.path);
  const foundScoped = scoped === undefined ? undefined : findRoute(scopedRoutes, ask.method, `/${scoped.type}/${scoped.name}`);
  if (scoped !== undefined && foundScoped !== undefined) {
    checkPlace(house, scoped.scope);
    return foundScoped.route.run({ ...call, params: {} }, scoped.scope, scoped.name);
  }
  const found = findRoute(routes, ask.method, ask.path);
  if (found === undefined) throw armErrors.unknownRoute(ask.method, ask.path);
  checkPlace(house, ask.path);
  return found.route.run({ ...call, params: found.params });
}

/** A subscription is there for whoever may manage something in it. */
function listSubscriptions(call: ArmCall): Answer {
  return ok({ value: isManager(call) ? [subscription(call.view)] : [] });
}

function getSubscription(call: ArmCall): Answer {
  if (!isManager(call)) throw refused(call, "Microsoft.Resources/subscriptions/read", `/subscriptions/${call.view.subscriptionId}`);
  return ok(subscription(call.view));
}

function isManager({ house, caller, now }: ArmCall): boolean {
  return house.roles.manages(caller.objectId, now);
}

function listTenants({ view: { tenantId } }: ArmCall): Answer {
  return ok({ value: [{ id: `/tenants/${tenantId}`, tenantId, tenantCategory: "Home", displayName: "local" }] });
}

function listGroups(call: ArmCall): Answer {
  return ok({ value: readableVaults(call).length + readableAccounts(call).length === 0 ? [] : [group(call.view)] });
}

/** Understands `resourceType eq '...'` and `name eq '...'`, joined by `and`: what az asks. */
function listResources(call: ArmCall): Answer {
  const filter = call.ask.query.get("$filter") ?? "";
  const wanted = (property: string): string | undefined => new RegExp(`${property} eq '([^']*)'`, "i").exec(filter)?.[1]?.toLowerCase();
  const type = wanted("resourceType");
  const name = wanted("name");
  const rows = [
    ...readableVaults(call).map((vault) => ({ name: vault.name, type: vaultType })),
    ...readableAccounts(call).map((account) => ({ name: account.name, type: storageType })),
  ].filter((row) => (type ?? row.type.toLowerCase()) === row.type.toLowerCase() && (name ?? row.name) === row.name);
  return paged(call, rows, (row) => resource(call.view, row.type, row.name));
}

function listVaults(call: ArmCall): Answer {
  const rows = readableVaults(call);
  if (rows.length === 0 && call.house.vaults.size > 0) throw refused(call, readVaults, call.ask.path.replace(/\/providers\/.*$/i, ""));
  return paged(call, rows, (vault) => vaultResource(call.view, vault));
}

function getVault(call: ArmCall): Answer {
  const name = (call.params["name"] ?? "").toLowerCase();
  const vault = call.house.vaults.get(name);
  if (vault === undefined) throw armErrors.unknownResource(vaultType, call.params["name"] ?? "", resourceGroup);
  if (!readableVaults(call).includes(vault)) throw refused(call, readVaults, call.ask.path);
  return ok(vaultResource(call.view, vault));
}

function readableVaults(call: ArmCall): VaultState[] {
  return [...call.house.vaults.values()].filter(({ name }) => may(call, readVaults, resourceId(call.view, vaultType, name)));
}

function headersFor(ask: Ask): Record<string, string> {
  const counted = { GET: "global-reads", DELETE: "global-deletes" }[ask.method] ?? "global-writes";
  return {
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    [`x-ms-ratelimit-remaining-subscription-${counted}`]: "16499",
    ...(/\/listkeys\/?$/i.test(ask.path) ? { "x-ms-ratelimit-remaining-subscription-resource-requests": "11999" } : {}),
    "x-ms-request-id": ask.requestId,
    "x-ms-correlation-request-id": ask.header("x-ms-correlation-request-id") ?? ask.requestId,
    "x-ms-routing-request-id": `EASTUS:20260101T000000Z:${ask.requestId}`,
  };
}
