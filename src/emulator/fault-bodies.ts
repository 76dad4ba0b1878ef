import type { Place } from "./hosts.ts";

/** Where a fault is played that says a status and no more. */
interface Scene {
  place: Place;
  requestId: string;
}

/** Azure's codes for a status; the messages of 429 and 500 are a vault's as well. */
const codes: Readonly<Record<number, string>> = {
  400: "BadParameter",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  429: "Throttled",
  500: "ServerError",
  503: "ServiceUnavailable",
};

const messages: Readonly<Record<number, string>> = {
  429: "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
  500: "ActivityId: 00000000-0000-0000-0000-000000000000, ActivityName: Planted",
};

const graphCodes: Readonly<Record<number, string>> = {
  400: "Request_BadRequest",
  401: "InvalidAuthenticationToken",
  403: "Authorization_RequestDenied",
  404: "Request_ResourceNotFound",
  409: "Request_MultipleObjectsWithSameKeyValue",
  429: "TooManyRequests",
  500: "InternalServerError",
  503: "ServiceUnavailable",
};

export function defaultBody(status: number, { place, requestId }: Scene): object {
  const isGraph = place.is === "graph";
  const code = (isGraph ? graphCodes : codes)[status] ?? (status >= 500 ? "ServerError" : "PlantedFault");
  const message = (isGraph ? undefined : messages[status]) ?? "A fault that a test planted.";
  const inner = isGraph ? { innerError: { "request-id": requestId, "client-request-id": requestId } } : {};
  return { error: { code, message, ...inner } };
}

export function headersOf({ place, requestId }: Scene): Record<string, string> {
  return place.is === "graph" ? { "request-id": requestId, "client-request-id": requestId } : { "x-ms-request-id": requestId };
}
