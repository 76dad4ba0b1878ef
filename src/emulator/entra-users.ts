import { isSameText } from "./client-secrets.ts";
import { findApplication, isThere, type User, type UserPassword } from "./directory.ts";
import { entraErrors, type Refusal } from "./entra-errors.ts";
import { audienceIn, audiences, checkClient, type Login } from "./entra-login.ts";
import { issueToken, tokenLifeSeconds } from "./token.ts";

/** Public clients of Microsoft's own: az, and Azure PowerShell. */
const wellKnown: readonly string[] = ["04b07795-8ddb-461a-bbee-02f9e1bf7b46", "1950a258-227b-4e31-a9cf-717495945fc2"];

/**
 * The grant of a user's name and password. A client that is not public must prove who it is. There are no refresh tokens: whoever
 * wants another resource logs in again.
 */
export function userLogin(login: Login): Refusal | object {
  const { entra, tenant, now, given } = login;
  const { directory, settings } = entra;
  for (const name of ["username", "password"]) if (given(name) === "") return entraErrors.missing(name);
  const wrong = checkTool(login);
  if (wrong !== undefined) return wrong;
  const user = findUser(directory.users, given("username"), now);
  if (user === undefined) return entraErrors.unknownUser(tenant);
  const password = currentPassword(user, now);
  if (password === undefined || !isSameText(password.value, given("password"))) return entraErrors.wrongPassword();
  if (!user.enabled) return entraErrors.disabledUser();
  if (password.mustChange) return entraErrors.passwordExpired();
  const audience = audienceIn(login) ?? "https://graph.microsoft.com";
  if (settings.userLogin === "mfa") return entraErrors.secondFactor(audience);
  if (settings.userLogin === "blocked") return entraErrors.blockedByPolicy();
  if (!audiences.has(audience)) return entraErrors.unknownResource(audience, tenant);

  const { tenantId } = directory;
  const clientId = given("client_id").toLowerCase();
  const { objectId, principalName } = user;
  const accessToken = issueToken(entra.signer, { tenantId, clientId, objectId, audience, user: principalName, now });
  const life = { expires_in: tokenLifeSeconds, ext_expires_in: tokenLifeSeconds };
  return { token_type: "Bearer", scope: `${audience}/.default`, ...life, access_token: accessToken };
}

function checkTool(login: Login): Refusal | undefined {
  const { entra, tenant, now, given } = login;
  const clientId = given("client_id").toLowerCase();
  if (wellKnown.includes(clientId)) return undefined;
  const application = findApplication(entra.directory, clientId, now);
  if (application === undefined) return entraErrors.unknownApplication(clientId, tenant);
  if (given("client_secret") !== "" || given("client_assertion") !== "") return checkClient(login, application);
  return application.properties["isFallbackPublicClient"] === true ? undefined : entraErrors.notPublic();
}

/** By name, without regard to case. */
function findUser(users: readonly User[], name: string, now: number): User | undefined {
  return users.find((each) => isThere(each, now) && each.principalName.toLowerCase() === name.toLowerCase());
}

function currentPassword({ passwords }: User, now: number): UserPassword | undefined {
  return passwords.findLast(({ arrives }) => arrives <= now);
}
