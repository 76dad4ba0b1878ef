import { domain } from "./directory.ts";
import { entraErrors, entraFailure } from "./entra-errors.ts";
import type { Entra } from "./entra-login.ts";
import { answerToken } from "./entra-token.ts";
import { findRoute, type Answer, type Ask, type Room } from "./room.ts";

const routes = [
  { method: "GET", path: "/common/discovery/instance", run: discoverInstance },
  { method: "GET", path: "/common/userrealm/{tenant}", run: userRealm },
  { method: "GET", path: "/{tenant}/v2.0/.well-known/openid-configuration", run: configuration },
  { method: "GET", path: "/{tenant}/discovery/v2.0/keys", run: keys },
  { method: "POST", path: "/{tenant}/oauth2/v2.0/token", run: token },
] as const;

export function createEntra(entra: Entra): Room {
  return async (ask) => {
    const found = findRoute(routes, ask.method, ask.path);
    const answer = found === undefined ? { status: 404 } : await found.route.run(entra, ask, found.params["tenant"] ?? "");
    return { ...answer, headers: { ...headersFor(ask), ...answer.headers } };
  };
}

function headersFor(ask: Ask): Record<string, string> {
  return {
    "cache-control": "no-store, no-cache",
    pragma: "no-cache",
    expires: "-1",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    p3p: 'CP="DSP CUR OTPi IND OTRi ONL FIN"',
    "x-ms-request-id": ask.requestId,
    "x-ms-ests-server": "2.1.22000.4 - LOCAL ProdSlices",
  };
}

function discoverInstance(_entra: Entra, ask: Ask): Answer {
  const endpoint = ask.query.get("authorization_endpoint") ?? "";
  const tenant = /^https:\/\/[^/]+\/([^/]+)\//.exec(endpoint)?.[1] ?? "common";
  const host = new URL(ask.origin.base).host;
  const aliases = ask.origin.real ? [host, "login.windows.net", "login.microsoft.com", "sts.windows.net"] : [host];
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `${ask.origin.base}/${tenant}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: host, preferred_cache: ask.origin.real ? "login.windows.net" : host, aliases }],
    },
  };
}

function configuration(entra: Entra, ask: Ask, tenant: string): Answer {
  if (!isOurs(entra, tenant)) return refuseTenant(entra, ask, tenant);
  const head = `${ask.origin.base}/${entra.directory.tenantId}`;
  return {
    status: 200,
    body: {
      token_endpoint: `${head}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
      jwks_uri: `${head}/discovery/v2.0/keys`,
      response_modes_supported: ["query", "fragment", "form_post"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
      response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      issuer: `${head}/v2.0`,
      authorization_endpoint: `${head}/oauth2/v2.0/authorize`,
      device_authorization_endpoint: `${head}/oauth2/v2.0/devicecode`,
      end_session_endpoint: `${head}/oauth2/v2.0/logout`,
      tenant_region_scope: "NA",
      cloud_instance_name: "microsoftonline.com",
    },
  };
}

function keys(entra: Entra, ask: Ask, tenant: string): Answer {
  if (tenant !== "common" && !isOurs(entra, tenant)) return refuseTenant(entra, ask, tenant);
  const { kid, publicKey } = entra.signer;
  const { n, e } = publicKey.export({ format: "jwk" });
  return { status: 200, body: { keys: [{ kty: "RSA", use: "sig", kid, x5t: kid, n, e }] } };
}

/** Where a user name is at home: MSAL for Python asks before it sends a password. */
function userRealm(_entra: Entra, ask: Ask): Answer {
  const head = { ver: "1.0", account_type: "Managed", domain_name: domain, cloud_instance_name: "microsoftonline.com" };
  return { status: ask.query.has("api-version") ? 200 : 400, body: { ...head, cloud_audience_urn: "urn:federation:MicrosoftOnline" } };
}

async function token(entra: Entra, ask: Ask, tenant: string): Promise<Answer> {
  return isOurs(entra, tenant) ? answerToken(entra, ask, tenant) : refuseTenant(entra, ask, tenant);
}

function isOurs(entra: Entra, tenant: string): boolean {
  return tenant.toLowerCase() === entra.directory.tenantId;
}

function refuseTenant(entra: Entra, ask: Ask, tenant: string): Answer {
  const correlationId = ask.query.get("client-request-id") ?? ask.header("client-request-id");
  return entraFailure(entraErrors.unknownTenant(tenant), { now: entra.clock.now(), requestId: ask.requestId, correlationId });
}
