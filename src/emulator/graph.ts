import { applicationRoutes } from "./graph-applications.ts";
import { readGraphBody } from "./graph-body.ts";
import type { GraphHouse, GraphRoute } from "./graph-call.ts";
import { deletedRoutes } from "./graph-deleted.ts";
import { graphErrors, GraphFailure, graphFailure } from "./graph-errors.ts";
import { groupRoutes } from "./graph-groups.ts";
import { objectRoutes } from "./graph-objects.ts";
import { plainPath } from "./graph-path.ts";
import { demand } from "./graph-permissions.ts";
import { referenceRoutes } from "./graph-references.ts";
import { principalRoutes } from "./graph-service-principals.ts";
import { userRoutes } from "./graph-users.ts";
import { BodyTooLarge, findRoute, type Answer, type Ask, type Room } from "./room.ts";
import { createThrottle, type Throttle } from "./throttle.ts";
import { checkToken, graphAudiences, type Caller } from "./token.ts";

/** The first that fits: literals stand before names. */
const routes: readonly GraphRoute[] = [
  ...applicationRoutes,
  ...principalRoutes,
  ...userRoutes,
  ...groupRoutes,
  ...referenceRoutes,
  ...objectRoutes,
  ...deletedRoutes,
];

/** Microsoft Graph, as far as it is about applications, users and groups of the tenant. */
export function createGraph(house: GraphHouse): Room {
  const takes = createThrottle();
  return async (ask) => {
    const answer = await answerTo(house, takes, ask);
    return { ...answer, headers: { ...headersFor(ask, answer), ...answer.headers } };
  };
}

async function answerTo(house: GraphHouse, takes: Throttle, ask: Ask): Promise<Answer> {
  const { directory, settings } = house;
  const now = house.clock.now();
  try {
    const caller = callerOf(house, ask, now);
    if (!takes(caller.clientId, now, settings.graph.perTenSeconds)) throw graphErrors.throttled(caller.clientId);
    const found = findRoute(routes, ask.method, plainPath(ask.path) ?? "");
    if (found === undefined) throw graphErrors.unknownRoute(ask.method, ask.path);
    const { route, params } = found;
    if (route.needs.length > 0) demand(caller, route.needs);
    const body = await readGraphBody(ask);
    return route.run({ directory, settings, now, caller, ask, params, body, base: `${ask.origin.base}/v1.0` });
  } catch (error) {
    const failure = error instanceof BodyTooLarge ? graphErrors.tooLarge() : error;
    if (failure instanceof GraphFailure) return graphFailure(failure, ask, { now, retryAfter: settings.graph.retryAfter });
    throw error;
  }
}

function callerOf({ signer, directory }: GraphHouse, ask: Ask, now: number): Caller {
  const token = /^Bearer ([^\s]+)$/i.exec(ask.header("authorization") ?? "")?.[1];
  if (token === undefined) throw graphErrors.noToken();
  const check = checkToken(token, { signer, tenantId: directory.tenantId, audience: graphAudiences, now });
  if (check.ok) return check.caller;
  if (check.why === "malformed") throw graphErrors.malformedToken();
  if (check.why === "audience") throw graphErrors.wrongAudience();
  throw check.why === "expired" || check.why === "not yet valid" ? graphErrors.expiredToken() : graphErrors.badToken();
}

function headersFor(ask: Ask, { status }: Answer): Record<string, string> {
  const server = { DataCenter: "Local", Slice: "E", Ring: "5", ScaleUnit: "000", RoleInstance: "LOCAL0000000000" };
  const type = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
  return {
    "cache-control": "no-cache",
    "strict-transport-security": "max-age=31536000",
    "request-id": ask.requestId,
    "client-request-id": ask.header("client-request-id") ?? ask.requestId,
    "x-ms-ags-diagnostic": JSON.stringify({ ServerInfo: server }),
    "x-ms-resource-unit": "1",
    ...(status === 204 ? {} : { "odata-version": "4.0", "content-type": type }),
  };
}
