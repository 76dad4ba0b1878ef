import { armErrors, ArmFailure, armFailure } from "./arm-errors.ts";
import { armPage } from "./arm-paging.ts";
import { group, resource, resourceGroup, subscription, vaultResource, type ArmView } from "./arm-resources.ts";
import { armCaller } from "./arm-caller.ts";
import type { Clock } from "./clock.ts";
import type { Directory } from "./directory.ts";
import type { RoleBook } from "./roles.ts";
import { findRoute, type Answer, type Ask, type Room } from "./room.ts";
import type { Settings } from "./settings.ts";
import type { Caller, Signer } from "./token.ts";
import type { VaultState } from "./vault-state.ts";

const readVaults = "Microsoft.KeyVault/vaults/read";
const vaults = "providers/microsoft.keyvault/vaults";

interface ArmHouse {
  directory: Directory;
  signer: Signer;
  clock: Clock;
  settings: Settings;
  roles: RoleBook;
  vaults: ReadonlyMap<string, VaultState>;
  localSuffix(): string;
}

interface ArmCall {
  house: ArmHouse;
  ask: Ask;
  caller: Caller;
  view: ArmView;
  params: Record<string, string>;
}

/** Literals are in small letters: ARM reads a path without regard to case. */
const routes: readonly { method: string; path: string; run(call: ArmCall): Answer }[] = [
  { method: "GET", path: "/tenants", run: listTenants },
  { method: "GET", path: "/subscriptions", run: listSubscriptions },
  { method: "GET", path: "/subscriptions/{subscription}", run: getSubscription },
  { method: "GET", path: "/subscriptions/{subscription}/resourcegroups", run: listGroups },
  { method: "GET", path: "/subscriptions/{subscription}/resources", run: listResources },
  { method: "GET", path: `/subscriptions/{subscription}/${vaults}`, run: listVaults },
  { method: "GET", path: `/subscriptions/{subscription}/resourcegroups/{group}/${vaults}`, run: listVaults },
  { method: "GET", path: `/subscriptions/{subscription}/resourcegroups/{group}/${vaults}/{name}`, run: getVault },
];

/** The management plane, as far as it shows subscriptions and vaults. */
export function createArm(house: ArmHouse): Room {
  return (ask) => {
    const answer = answerTo(house, ask);
    return { ...answer, headers: { ...headersFor(ask), ...answer.headers } };
  };
}

function answerTo(house: ArmHouse, ask: Ask): Answer {
  const { tenantId, subscriptionId } = house.directory;
  try {
    const caller = armCaller(house, ask);
    if ((ask.query.get("api-version") ?? "") === "") throw armErrors.noApiVersion();
    const found = findRoute(routes, ask.method, ask.path);
    if (found === undefined) throw armErrors.unknownRoute(ask.method, ask.path);
    checkPlace(found.params, subscriptionId);
    const view = { subscriptionId, tenantId, origin: ask.origin, localSuffix: house.localSuffix() };
    return found.route.run({ house, ask, caller, view, params: found.params });
  } catch (error) {
    if (error instanceof ArmFailure) return armFailure(error, tenantId);
    throw error;
  }
}

function checkPlace(params: Record<string, string>, subscriptionId: string): void {
  const { subscription: id = subscriptionId, group: name = resourceGroup } = params;
  if (id.toLowerCase() !== subscriptionId) throw armErrors.unknownSubscription(id);
  if (name.toLowerCase() !== resourceGroup) throw armErrors.unknownGroup(name);
}

/** A subscription is there for whoever may read something in it. */
function listSubscriptions(call: ArmCall): Answer {
  return ok({ value: readable(call).length === 0 ? [] : [subscription(call.view)] });
}

function getSubscription(call: ArmCall): Answer {
  const scope = `/subscriptions/${call.view.subscriptionId}`;
  if (readable(call).length === 0) throw refused(call, "Microsoft.Resources/subscriptions/read", scope);
  return ok(subscription(call.view));
}

function listTenants({ view: { tenantId } }: ArmCall): Answer {
  return ok({ value: [{ id: `/tenants/${tenantId}`, tenantId, tenantCategory: "Home", displayName: "local" }] });
}

function listGroups(call: ArmCall): Answer {
  return ok({ value: readable(call).length === 0 ? [] : [group(call.view)] });
}

/** Understands `resourceType eq '...'` and `name eq '...'`, joined by `and`: what az asks. */
function listResources(call: ArmCall): Answer {
  const filter = call.ask.query.get("$filter") ?? "";
  const wanted = (property: string): string | undefined => new RegExp(`${property} eq '([^']*)'`, "i").exec(filter)?.[1]?.toLowerCase();
  const type = wanted("resourceType");
  const name = wanted("name");
  const isAsked = type === undefined || type === "microsoft.keyvault/vaults";
  const rows = readable(call).filter((vault) => isAsked && (name === undefined || vault.name === name));
  return paged(call, rows, (vault) => resource(call.view, vault));
}

function listVaults(call: ArmCall): Answer {
  const rows = readable(call);
  if (rows.length === 0 && call.house.vaults.size > 0) throw refused(call, readVaults, call.ask.path.replace(/\/providers\/.*$/i, ""));
  return paged(call, rows, (vault) => vaultResource(call.view, vault));
}

function getVault(call: ArmCall): Answer {
  const name = (call.params["name"] ?? "").toLowerCase();
  const vault = call.house.vaults.get(name);
  if (vault === undefined) throw armErrors.unknownVault(call.params["name"] ?? "", resourceGroup);
  if (!readable(call).includes(vault)) throw refused(call, readVaults, call.ask.path);
  return ok(vaultResource(call.view, vault));
}

function readable({ house, caller }: ArmCall): VaultState[] {
  return [...house.vaults.values()].filter(({ name }) => house.roles.manages(caller.objectId, name, readVaults));
}

function refused({ caller }: ArmCall, action: string, scope: string): ArmFailure {
  return armErrors.forbidden(caller.clientId, caller.objectId, action, scope);
}

function paged(call: ArmCall, rows: readonly VaultState[], shown: (vault: VaultState) => object): Answer {
  const { ask, house } = call;
  const sorted = rows.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const page = armPage(sorted, ({ name }) => name, {
    query: ask.query,
    url: ask.origin.base + ask.path,
    emptyPages: house.settings.emptyPages,
  });
  return ok({ ...page, value: page.value.map(shown) });
}

function ok(body: object): Answer {
  return { status: 200, body };
}

function headersFor(ask: Ask): Record<string, string> {
  return {
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-ms-ratelimit-remaining-subscription-global-reads": "16499",
    "x-ms-request-id": ask.requestId,
    "x-ms-correlation-request-id": ask.header("x-ms-correlation-request-id") ?? ask.requestId,
    "x-ms-routing-request-id": `EASTUS:20260101T000000Z:${ask.requestId}`,
  };
}
