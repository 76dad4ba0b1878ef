import type { Answer, Ask } from "./room.ts";

interface Detail {
  code: string;
  message: string;
  target: string;
}

/** What Graph says, word for word. */
export class GraphFailure extends Error {
  override name = "GraphFailure";
  readonly status: number;
  readonly code: string;
  readonly details: readonly Detail[];

  constructor(status: number, code: string, message: string, details: readonly Detail[] = []) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export function graphFailure(
  { status, code, message, details }: GraphFailure,
  ask: Ask,
  about: { now: number; retryAfter: number },
): Answer {
  const challenge =
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"';
  const innerError = {
    date: new Date(about.now).toISOString().slice(0, 19),
    "request-id": ask.requestId,
    "client-request-id": ask.header("client-request-id") ?? ask.requestId,
  };
  return {
    status,
    headers: {
      "content-type": "application/json",
      ...(status === 401 ? { "www-authenticate": challenge } : {}),
      ...(status === 429 ? { "retry-after": String(about.retryAfter) } : {}),
    },
    body: { error: { code, message, ...(details.length === 0 ? {} : { details }), innerError } },
  };
}

const bad = (message: string, details?: readonly Detail[]): GraphFailure => new GraphFailure(400, "Request_BadRequest", message, details);
const badToken = (message: string): GraphFailure => new GraphFailure(401, "InvalidAuthenticationToken", message);
const denied = (message: string): GraphFailure => new GraphFailure(403, "Authorization_RequestDenied", message);
const conflict = (message: string): GraphFailure => new GraphFailure(409, "Request_MultipleObjectsWithSameKeyValue", message);

export const graphErrors = {
  noToken: () => badToken("Access token is empty."),
  malformedToken: () => badToken("CompactToken parsing failed with error code: 80049217"),
  /** The service says more, and other words for each fault. */
  badToken: () => badToken("Access token validation failure."),
  wrongAudience: () => badToken("Access token validation failure. Invalid audience."),
  expiredToken: () => badToken("Lifetime validation failed, the token is expired."),
  denied: () => denied("Insufficient privileges to complete the operation."),
  throttled: (client: string) =>
    new GraphFailure(
      429,
      "TooManyRequests",
      `Too many requests from Identifier:${client} under category:aadgraph.app.tenant_large. Please try again later.`,
    ),
  tooLarge: () => new GraphFailure(413, "RequestEntityTooLarge", "The request body is larger than the local Azure takes."),
  notJson: () =>
    new GraphFailure(
      400,
      "BadRequest",
      "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
    ),
  badQuery: (message: string) => new GraphFailure(400, "BadRequest", message),
  unsupportedQuery: (what: string) =>
    new GraphFailure(400, "Request_UnsupportedQuery", `Unsupported Query. The local Azure does not understand ${what}.`),
  /** Graph itself would say that it finds no such segment: who tests against the local Azure shall know whose fault it is. */
  unknownRoute: (method: string, path: string) =>
    new GraphFailure(501, "NotImplemented", `The local Azure does not play this part of Graph: ${method} ${path}`),
  notFound: (id: string) =>
    new GraphFailure(
      404,
      "Request_ResourceNotFound",
      `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
    ),
  onlyDelegated: () => new GraphFailure(400, "BadRequest", "/me request is only valid with delegated authentication flow."),
  missing: (property: string, resource: string) => bad(`A value is required for property '${property}' of resource '${resource}'.`),
  badValue: (property: string, resource: string) => bad(`Invalid value specified for property '${property}' of resource '${resource}'.`),
  badProperty: (property: string) => bad(`Invalid property '${property}'.`),
  badDates: () => bad("Key credential end date is invalid."),
  /** Recorded by azure-cli#12946: what a person's account may log in to holds two, and Graph makes such by default. */
  tooManyPasswords: (wanted: number, most: number) => {
    const message = `Not allowed to add ${wanted} passwords. You can only add a maximum of ${most} passwords.`;
    return new GraphFailure(400, "TooManyAppPasswords", message, [{ code: "TooManyAppPasswords", message, target: "passwordCredentials" }]);
  },
  /** The status is of the older Graph (openshift-azure#1932). */
  tooManySecrets: () =>
    new GraphFailure(
      403,
      "Directory_ResourceSizeExceeded",
      "The size of the object has exceeded its limit. Please reduce the number of values and retry your request.",
    ),
  unknownKey: (keyId: string) => bad(`No password credential found with keyId '${keyId}'.`),
  noBackingApplication: (appId: string) => {
    const message = `The appId '${appId}' of the service principal does not reference a valid application object.`;
    return bad(message, [{ code: "NoBackingApplicationObject", message, target: "appId" }]);
  },
  foreignBackingApplication: () =>
    denied("When using this permission, the backing application of the service principal being created must in the local tenant"),
  principalExists: (name: string) =>
    conflict(`The service principal cannot be created, updated, or restored because the service principal name ${name} is already in use.`),
  userExists: () => bad("Another object with the same value for property userPrincipalName already exists."),
  uriExists: (uri: string) => bad(`Another object with the same value for property identifierUris already exists: '${uri}'.`),
  alreadyThere: (property: string) =>
    bad(`One or more added object references already exist for the following modified properties: '${property}'.`),
  weakPassword: () =>
    bad("The specified password does not comply with password complexity requirements. Please provide a different password."),
  badReference: () => bad("Invalid URL format specified in @odata.id for reference."),
} as const;
