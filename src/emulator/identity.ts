import { isSameText } from "./client-secrets.ts";
import { epochSeconds, type Clock } from "./clock.ts";
import type { Directory, ManagedIdentity } from "./directory.ts";
import { audiences } from "./entra-login.ts";
import { appServiceErrors, imdsErrors } from "./identity-errors.ts";
import { findRoute, type Answer, type Ask, type Room } from "./room.ts";
import { issueToken, type Signer } from "./token.ts";

/** Tokens of managed identities last a day. */
const lifeSeconds = 86_399;

interface Machine {
  directory: Directory;
  signer: Signer;
  clock: Clock;
}

/** One machine in Azure, as programs on it see it: two doors to the tokens of its managed identities. Plain HTTP, as there. */
const routes = [
  { method: "GET", path: "/metadata/identity/oauth2/token", run: imds },
  { method: "GET", path: "/msi/token", run: appService },
] as const;

export function createIdentity(machine: Machine): Room {
  return (ask) => findRoute(routes, ask.method, ask.path)?.route.run(machine, ask) ?? { status: 404 };
}

function imds(machine: Machine, ask: Ask): Answer {
  if (ask.header("metadata")?.toLowerCase() !== "true") return imdsErrors.noHeader();
  if (ask.header("x-forwarded-for") !== undefined) return imdsErrors.forwarded();
  if (!/^20[0-9]{2}-[0-9]{2}-[0-9]{2}$/.test(ask.query.get("api-version") ?? "")) return imdsErrors.noApiVersion();
  const selectors = { client_id: "clientId", object_id: "objectId", msi_res_id: "resourceId", mi_res_id: "resourceId" } as const;
  const token = tokenFor(machine, ask, selectors, imdsErrors);
  if ("status" in token) return token;
  const { identity, accessToken, now } = token;
  return ok({
    access_token: accessToken,
    client_id: identity.clientId,
    expires_in: String(lifeSeconds),
    expires_on: String(now + lifeSeconds),
    ext_expires_in: String(lifeSeconds),
    not_before: String(now - 300),
    resource: ask.query.get("resource") ?? "",
    token_type: "Bearer",
  });
}

function appService(machine: Machine, ask: Ask): Answer {
  if (!isSameText(ask.header("x-identity-header") ?? "", machine.directory.identityHeader)) return appServiceErrors.noHeader();
  if (ask.query.get("api-version") !== "2019-08-01") return appServiceErrors.noApiVersion();
  const selectors = { client_id: "clientId", principal_id: "objectId", object_id: "objectId", mi_res_id: "resourceId" } as const;
  const token = tokenFor(machine, ask, selectors, appServiceErrors);
  if ("status" in token) return token;
  const { identity, accessToken, now } = token;
  return ok({
    access_token: accessToken,
    expires_on: String(now + lifeSeconds),
    resource: ask.query.get("resource") ?? "",
    token_type: "Bearer",
    client_id: identity.clientId,
  });
}

type Selectors = Readonly<Record<string, keyof ManagedIdentity>>;

/** The system's identity, or the one that the query names. */
function tokenFor(
  { directory, signer, clock }: Machine,
  { query }: Ask,
  selectors: Selectors,
  errors: typeof imdsErrors | typeof appServiceErrors,
): Answer | { identity: ManagedIdentity; accessToken: string; now: number } {
  const resource = query.get("resource") ?? "";
  if (resource === "") return errors.noResource();
  const named = Object.entries(selectors).filter(([parameter]) => query.has(parameter));
  if (named.length > 1) return errors.manySelectors();
  const [selector] = named;
  const identity = selector === undefined ? directory.managedIdentities[0] : find(directory, selector[1], query.get(selector[0]) ?? "");
  if (identity === undefined) return errors.unknownIdentity();
  const { tenantId, graphRoles } = directory;
  if (!audiences.has(resource)) return errors.unknownResource(resource, tenantId);
  const { clientId, objectId } = identity;
  const roles = graphRoles[objectId] ?? [];
  const about = { tenantId, clientId, objectId, audience: resource, proof: "certificate", roles, lifeSeconds, now: clock.now() } as const;
  return { identity, accessToken: issueToken(signer, about), now: epochSeconds(clock.now()) };
}

function find({ managedIdentities }: Directory, key: keyof ManagedIdentity, given: string): ManagedIdentity | undefined {
  return managedIdentities.find((identity) => identity[key].toLowerCase() === given.toLowerCase());
}

function ok(body: object): Answer {
  return { status: 200, headers: { "cache-control": "no-store", pragma: "no-cache" }, body };
}
