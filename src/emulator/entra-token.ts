import { findApplication, findServicePrincipal } from "./directory.ts";
import { entraErrors, entraFailure, type Refusal } from "./entra-errors.ts";
import { audienceIn, audiences, checkClient, type Entra, type Login } from "./entra-login.ts";
import { userLogin } from "./entra-users.ts";
import type { Answer, Ask } from "./room.ts";
import { issueToken, tokenLifeSeconds } from "./token.ts";

const grants: Readonly<Record<string, (login: Login) => Refusal | object>> = {
  client_credentials: applicationLogin,
  password: userLogin,
};

export async function answerToken(entra: Entra, ask: Ask, tenant: string): Promise<Answer> {
  const form = new URLSearchParams((await ask.readBody()).toString());
  const login = { entra, ask, tenant, now: entra.clock.now(), given: (name: string) => form.get(name) ?? "" };
  const body = answerTo(login);
  if (!isRefusal(body)) return { status: 200, body };
  const correlationId = ask.query.get("client-request-id") ?? form.get("client-request-id") ?? ask.header("client-request-id");
  return entraFailure(body, { now: login.now, requestId: ask.requestId, correlationId });
}

function answerTo(login: Login): Refusal | object {
  for (const name of ["grant_type", "client_id", "scope"]) {
    if (login.given(name) === "") return entraErrors.missing(name);
  }
  const grant = login.given("grant_type");
  const answer = Object.hasOwn(grants, grant) ? grants[grant] : undefined;
  return answer?.(login) ?? entraErrors.unsupportedGrant(grant);
}

function isRefusal(body: Refusal | object): body is Refusal {
  return "number" in body;
}

/** For itself: with a secret of the application or of its service principal, or with an assertion. */
function applicationLogin(login: Login): Refusal | object {
  const { entra, tenant, now, given } = login;
  const { directory } = entra;
  const application = findApplication(directory, given("client_id"), now);
  if (application === undefined) return entraErrors.unknownApplication(given("client_id"), tenant);
  const wrong = checkClient(login, application);
  if (wrong !== undefined) return wrong;
  const principal = findServicePrincipal(directory, application.clientId, now);
  if (principal === undefined) return entraErrors.noServicePrincipal(application.clientId, tenant);
  if (!principal.enabled) return entraErrors.disabledApplication(application.clientId, application.displayName);

  const audience = audienceIn(login);
  if (audience === undefined) return entraErrors.badScope(given("scope"));
  if (!audiences.has(audience)) return entraErrors.unknownResource(audience, tenant);
  const { clientId } = application;
  const { objectId } = principal;
  const proof = given("client_secret") === "" ? "certificate" : "secret";
  const roles = directory.graphRoles[objectId] ?? [];
  const accessToken = issueToken(entra.signer, { tenantId: directory.tenantId, clientId, objectId, audience, proof, roles, now });
  return { token_type: "Bearer", expires_in: tokenLifeSeconds, ext_expires_in: tokenLifeSeconds, access_token: accessToken };
}
