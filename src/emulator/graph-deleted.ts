import type { Entry } from "./directory.ts";
import { noContent, ok, type GraphCall, type GraphRoute } from "./graph-call.ts";
import { demandOwner } from "./graph-entries.ts";
import { graphErrors } from "./graph-errors.ts";
import { kinds, rowsOf, typeOf, type Kind } from "./graph-kinds.ts";
import { paged } from "./graph-list.ts";
import { demand, readObjects, writeObjects } from "./graph-permissions.ts";
import type { Answer } from "./room.ts";

const path = "/directory/deleteditems";
const retention = 30 * 86_400_000;

/** The recycle bin of the directory: what is in it for thirty days is gone. */
export const deletedRoutes: readonly GraphRoute[] = [
  ...listOf(kinds.application),
  ...listOf(kinds.servicePrincipal),
  ...listOf(kinds.user),
  { method: "GET", path: `${path}/{id}`, needs: readObjects, run: get },
  { method: "POST", path: `${path}/{id}/restore`, needs: writeObjects, run: restore },
  { method: "DELETE", path: `${path}/{id}`, needs: writeObjects, run: purge },
];

/** By the cast to a kind: `microsoft.graph.application`. */
function listOf<T extends Entry>(kind: Kind<T>): GraphRoute[] {
  const run = (call: GraphCall): Answer => {
    const rows = rowsOf(call, kind, (each) => isInBin(each, call.now));
    return paged(call, kind.collection, rows, kind.standard);
  };
  return [{ method: "GET", path: `${path}/${kind.name.toLowerCase()}`, needs: kind.reads, run }];
}

function isInBin({ deletedAt }: Entry, now: number): boolean {
  return deletedAt !== undefined && now < deletedAt + retention;
}

/** Does what is asked with the object, as one of its kind. */
function withObject(call: GraphCall, act: <T extends Entry>(entry: T, kind: Kind<T>) => Answer): Answer {
  const { directory, now, params } = call;
  const id = (params["id"] ?? "").toLowerCase();
  const tried = <T extends Entry>(kind: Kind<T>): Answer | undefined => {
    const entry = kind.of(directory).find((each) => each.objectId === id && isInBin(each, now));
    return entry === undefined ? undefined : act(entry, kind);
  };
  const answer = tried(kinds.application) ?? tried(kinds.servicePrincipal) ?? tried(kinds.user);
  if (answer === undefined) throw graphErrors.notFound(id);
  return answer;
}

function get(call: GraphCall): Answer {
  return withObject(call, (entry, kind) => {
    demand(call.caller, kind.reads);
    const shown = { "@odata.type": typeOf(kind), ...kind.show(entry, call) };
    return ok(call, "directoryObjects/$entity", shown);
  });
}

/** Of an application alone: its service principal is restored by itself. */
function restore(call: GraphCall): Answer {
  return withObject(call, (entry, kind) => {
    demand(call.caller, kind.writes);
    demandOwner(call, entry);
    const { servicePrincipals } = call.directory;
    const twin = servicePrincipals.find((each) => "enabled" in entry && each.deletedAt === undefined && isSameApp(each, entry));
    if (twin !== undefined) throw graphErrors.principalExists(twin.clientId);
    delete entry.deletedAt;
    const shown = { "@odata.type": typeOf(kind), ...kind.show(entry, call) };
    return ok(call, "directoryObjects/$entity", shown);
  });
}

function isSameApp(left: object, right: object): boolean {
  return "clientId" in left && "clientId" in right && left.clientId === right.clientId;
}

function purge(call: GraphCall): Answer {
  return withObject(call, (entry, kind) => {
    demand(call.caller, kind.writes);
    demandOwner(call, entry);
    const all = kind.of(call.directory);
    all.splice(all.indexOf(entry), 1);
    return noContent;
  });
}
