import type { Answer } from "./room.ts";

/** What ARM says, word for word. */
export class ArmFailure extends Error {
  override name = "ArmFailure";
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function armFailure({ status, code, message, headers: own }: ArmFailure, tenantId: string): Answer {
  const gateway = status >= 400 ? { "x-ms-failure-cause": "gateway", ...own } : {};
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
  badApiVersion: (version: string) => new ArmFailure(400, "InvalidApiVersionParameter", `The api-version '${version}' is invalid.`),
  unknownApiVersion: (version: string, type: string, versions: readonly string[]) =>
    new ArmFailure(
      400,
      "NoRegisteredProviderFound",
      `No registered resource provider found for location 'eastus' and API version '${version}' for type '${type}'. The supported api-versions are '${versions.join(", ")}'. The supported locations are 'eastus'.`,
    ),
  throttled: (retryAfter: number) =>
    new ArmFailure(
      429,
      "TooManyRequests",
      `The request is being throttled as the limit has been reached. Please try again after '${retryAfter}' seconds.`,
      { "retry-after": String(retryAfter) },
    ),
  tooLarge: () => new ArmFailure(413, "RequestContentTooLarge", "The request content is larger than 1048576 bytes."),
  badBody: () => new ArmFailure(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized."),
  forbidden: (clientId: string, objectId: string, action: string, scope: string) =>
    new ArmFailure(
      403,
      "AuthorizationFailed",
      `The client '${clientId}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    ),
  unknownSubscription: (id: string) => new ArmFailure(404, "SubscriptionNotFound", `The subscription '${id}' could not be found.`),
  unknownGroup: (name: string) => new ArmFailure(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`),
  unknownResource: (type: string, name: string, group: string) =>
    new ArmFailure(404, "ResourceNotFound", `The Resource '${type}/${name}' under resource group '${group}' was not found. ${fix}`),
  badSkipToken: () => new ArmFailure(400, "InvalidSkipToken", "The skip token is invalid."),
  badTop: (given: string) => new ArmFailure(400, "InvalidTopParameter", `The value '${given}' of the $top query parameter is invalid.`),
  unknownRoute: (method: string, path: string) =>
    new ArmFailure(501, "NotImplemented", `The local Azure does not play ARM yet: ${method} ${path}`),
} as const;
