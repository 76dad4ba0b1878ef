import type { Clock } from "./clock.ts";
import { checkSecret, findApplication, type Application, type Directory } from "./directory.ts";
import { assertionType, checkAssertion } from "./entra-assertions.ts";
import { entraErrors, entraFailure, type Refusal } from "./entra-errors.ts";
import { findRoute, type Answer, type Ask, type Room } from "./room.ts";
import { issueToken, tokenLifeSeconds, type Signer } from "./token.ts";

/** The resources that this tenant knows. */
export const audiences = new Set([
  "https://vault.azure.net",
  "https://graph.microsoft.com",
  "https://management.azure.com",
  "https://management.azure.com/",
  "https://management.core.windows.net",
  "https://management.core.windows.net/",
]);

const routes = [
  { method: "GET", path: "/common/discovery/instance", run: discoverInstance },
  { method: "GET", path: "/{tenant}/v2.0/.well-known/openid-configuration", run: configuration },
  { method: "GET", path: "/{tenant}/discovery/v2.0/keys", run: keys },
  { method: "POST", path: "/{tenant}/oauth2/v2.0/token", run: token },
] as const;

interface Entra {
  directory: Directory;
  signer: Signer;
  clock: Clock;
}

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

async function token(entra: Entra, ask: Ask, tenant: string): Promise<Answer> {
  if (!isOurs(entra, tenant)) return refuseTenant(entra, ask, tenant);
  const form = new URLSearchParams((await ask.readBody()).toString());
  const refuse = (refusal: Refusal): Answer =>
    entraFailure(refusal, {
      now: entra.clock.now(),
      requestId: ask.requestId,
      correlationId: ask.query.get("client-request-id") ?? form.get("client-request-id") ?? ask.header("client-request-id"),
    });

  const given = (name: string): string => form.get(name) ?? "";
  for (const name of ["grant_type", "client_id", "scope"]) {
    if (given(name) === "") return refuse(entraErrors.missing(name));
  }
  if (given("grant_type") !== "client_credentials") return refuse(entraErrors.unsupportedGrant(given("grant_type")));

  const application = findApplication(entra.directory, given("client_id"));
  if (application === undefined) return refuse(entraErrors.unknownApplication(given("client_id"), tenant));
  const wrong = checkCredential(entra, ask, application, given);
  if (wrong !== undefined) return refuse(wrong);
  if (!application.enabled) return refuse(entraErrors.disabledApplication(application.clientId, application.displayName));

  const scope = given("scope")
    .split(" ")
    .find((part) => part.endsWith("/.default"));
  if (scope === undefined) return refuse(entraErrors.badScope(given("scope")));
  // "https://management.core.windows.net//.default" is real: that audience ends in a slash.
  const audience = scope.slice(0, -"/.default".length);
  if (!audiences.has(audience)) return refuse(entraErrors.unknownResource(audience, tenant));

  const { tenantId } = entra.directory;
  const { clientId, objectId } = application;
  const proof = given("client_secret") === "" ? "certificate" : "secret";
  const accessToken = issueToken(entra.signer, { tenantId, clientId, objectId, audience, proof, now: entra.clock.now() });
  return {
    status: 200,
    body: { token_type: "Bearer", expires_in: tokenLifeSeconds, ext_expires_in: tokenLifeSeconds, access_token: accessToken },
  };
}

/** A secret, or an assertion, which may name the tenant's addresses as Azure writes them or as they are here. */
function checkCredential(entra: Entra, ask: Ask, application: Application, given: (name: string) => string): Refusal | undefined {
  if (given("client_assertion") !== "") {
    if (given("client_assertion_type") !== assertionType) return entraErrors.missing("client_assertion_type");
    const heads = [ask.origin.base, "https://login.microsoftonline.com"].map((host) => `${host}/${entra.directory.tenantId}`);
    const known = heads.flatMap((head) => [`${head}/oauth2/v2.0/token`, `${head}/v2.0`]);
    return checkAssertion(given("client_assertion"), { application, audiences: known, now: entra.clock.now() });
  }
  if (given("client_secret") === "") return entraErrors.noCredential();
  const outcome = checkSecret(application, given("client_secret"));
  if (outcome === "wrong") return entraErrors.wrongSecret(application.clientId);
  return outcome === "expired" ? entraErrors.expiredSecret(application.clientId) : undefined;
}

function isOurs(entra: Entra, tenant: string): boolean {
  return tenant.toLowerCase() === entra.directory.tenantId;
}

function refuseTenant(entra: Entra, ask: Ask, tenant: string): Answer {
  const correlationId = ask.query.get("client-request-id") ?? ask.header("client-request-id");
  return entraFailure(entraErrors.unknownTenant(tenant), { now: entra.clock.now(), requestId: ask.requestId, correlationId });
}
