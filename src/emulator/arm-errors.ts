import type { Answer } from "./room.ts";

/** What ARM says, word for word. */
export class ArmFailure extends Error {
  override name = "ArmFailure";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function armFailure({ status, code, message }: ArmFailure, tenantId: string): Answer {
  const gateway = status >= 400 ? { "x-ms-failure-cause": "gateway" } : {};
  const challenge = `Bearer authorization_uri="https://login.windows.net/${tenantId}", error="invalid_token", error_description="${message}"`;
  const headers = { ...gateway, ...(status === 401 ? { "www-authenticate": challenge } : {}) };
  return { status, headers, body: { error: { code, message } } };
}

const audiences = [
  "https://management.core.windows.net/",
  "https://management.core.windows.net",
  "https://management.azure.com/",
  "https://management.azure.com",
];
const fix = "For more details please go to https://aka.ms/ARMResourceNotFoundFix";
const unauthorized = (code: string, message: string): ArmFailure => new ArmFailure(401, code, message);

export const armErrors = {
  noToken: () => unauthorized("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."),
  badToken: () => unauthorized("InvalidAuthenticationToken", "The access token is invalid."),
  wrongAudience: (found: string) =>
    unauthorized(
      "InvalidAuthenticationToken",
      `The access token has been obtained for wrong audience or resource '${found}'. It should exactly match with one of the allowed audiences ${audiences.map((each) => `'${each}'`).join(",")}.`,
    ),
  wrongTenant: (found: string, tenantId: string) =>
    unauthorized(
      "InvalidAuthenticationTokenTenant",
      `The access token is from the wrong issuer '${found}'. It must match the tenant 'https://sts.windows.net/${tenantId}/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/${tenantId}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.`,
    ),
  /** The service names both times. */
  expired: (now: number) =>
    unauthorized(
      "ExpiredAuthenticationToken",
      `The access token expiry UTC time is earlier than current UTC time '${new Date(now).toISOString()}'.`,
    ),
  noApiVersion: () =>
    new ArmFailure(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."),
  forbidden: (clientId: string, objectId: string, action: string, scope: string) =>
    new ArmFailure(
      403,
      "AuthorizationFailed",
      `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    ),
  unknownSubscription: (id: string) => new ArmFailure(404, "SubscriptionNotFound", `The subscription '${id}' could not be found.`),
  unknownGroup: (name: string) => new ArmFailure(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`),
  unknownVault: (name: string, group: string) =>
    new ArmFailure(
      404,
      "ResourceNotFound",
      `The Resource 'Microsoft.KeyVault/vaults/${name}' under resource group '${group}' was not found. ${fix}`,
    ),
  badSkipToken: () => new ArmFailure(400, "InvalidSkipToken", "The skip token is invalid."),
  badTop: (given: string) => new ArmFailure(400, "InvalidTopParameter", `The value '${given}' of the $top query parameter is invalid.`),
  unknownRoute: (method: string, path: string) =>
    new ArmFailure(501, "NotImplemented", `The local Azure does not play ARM yet: ${method} ${path}`),
} as const;
