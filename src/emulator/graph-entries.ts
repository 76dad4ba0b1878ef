import { isThere, type Application, type Entry } from "./directory.ts";
import type { Body } from "./graph-body.ts";
import { noContent, ok, type GraphCall, type GraphRoute } from "./graph-call.ts";
import { graphErrors } from "./graph-errors.ts";
import { find, rowsOf, type Kind } from "./graph-kinds.ts";
import { paged, selected } from "./graph-list.ts";
import { mayChange } from "./graph-permissions.ts";

/** What every kind of objects answers alike. */
export function routesOf<T extends Entry>(kind: Kind<T>): GraphRoute[] {
  const path = `/${kind.collection.toLowerCase()}`;
  return [
    { method: "GET", path, needs: kind.reads, run: (call) => list(call, kind) },
    { method: "GET", path: `${path}/{id}`, needs: kind.reads, run: (call) => get(call, kind) },
    { method: "DELETE", path: `${path}/{id}`, needs: kind.writes, run: (call) => remove(call, kind) },
  ];
}

function list<T extends Entry>(call: GraphCall, kind: Kind<T>) {
  const rows = rowsOf(call, kind, (each) => isThere(each, call.now));
  return paged(call, kind.collection, rows, kind.standard);
}

function get<T extends Entry>(call: GraphCall, kind: Kind<T>) {
  const shown = kind.show(find(call, kind, call.params["id"] ?? ""), call);
  return ok(call, `${kind.collection}/$entity`, selected(call, shown, kind.standard));
}

/** Into the recycle bin, but groups: those of the local Azure are security groups, which have none. */
function remove<T extends Entry>(call: GraphCall, kind: Kind<T>) {
  const { directory, now } = call;
  const found = find(call, kind, call.params["id"] ?? "");
  demandOwner(call, found);
  if (kind.name === "group") {
    directory.groups = directory.groups.filter(({ objectId }) => objectId !== found.objectId);
    return noContent;
  }
  found.deletedAt = now;
  const application = directory.applications.find(({ objectId }) => objectId === found.objectId);
  if (application !== undefined) removePrincipals(call, application);
  return noContent;
}

function removePrincipals({ directory, now }: GraphCall, { clientId }: Application): void {
  for (const principal of directory.servicePrincipals) {
    if (principal.clientId === clientId && principal.deletedAt === undefined) principal.deletedAt = now;
  }
}

/** Applications and service principals have owners that count; the rights over others are whole. */
export function demandOwner(call: GraphCall, entry: Entry & { clientId?: string; owners?: readonly string[] }): void {
  const { clientId, owners = [] } = entry;
  if (clientId !== undefined && !mayChange(call, { owners })) throw graphErrors.denied();
}

/** What a body says of the properties that may be written; `own` are those that the caller reads himself. */
export function readProperties(
  body: Body,
  about: {
    defaults: Readonly<Record<string, unknown>>;
    own: readonly string[];
    resource: string;
    before?: Readonly<Record<string, unknown>>;
  },
): Record<string, unknown> {
  const { defaults, own, resource, before = {} } = about;
  const read = { ...before };
  for (const [name, value] of Object.entries(body)) {
    if (own.includes(name)) continue;
    if (!Object.hasOwn(defaults, name)) throw graphErrors.badProperty(name);
    const standard = defaults[name];
    if (Array.isArray(standard) !== Array.isArray(value) && value !== null && standard !== null) throw graphErrors.badValue(name, resource);
    if (typeof standard === "boolean" && typeof value !== "boolean") throw graphErrors.badValue(name, resource);
    read[name] = isObject(value) && isObject(read[name]) ? { ...read[name], ...value } : value;
  }
  return read;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
