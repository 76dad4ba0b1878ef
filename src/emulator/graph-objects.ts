import { domain } from "./directory.ts";
import { textIn, type Body } from "./graph-body.ts";
import { ok, type GraphCall, type GraphRoute } from "./graph-call.ts";
import { graphErrors } from "./graph-errors.ts";
import { kinds, showAny, typeOf, type KindName } from "./graph-kinds.ts";
import { paged, rowOf, selected } from "./graph-list.ts";
import { demand, readGroups, readObjects, readOrganization } from "./graph-permissions.ts";
import { identitiesOf } from "./identities.ts";
import type { Answer } from "./room.ts";

/** What is asked of any object, whatever its kind; and the tenant itself. */
export const objectRoutes: readonly GraphRoute[] = [
  { method: "GET", path: "/directoryobjects/{id}", needs: readObjects, run: get },
  { method: "POST", path: "/directoryobjects/getbyids", needs: readObjects, run: getByIds },
  { method: "POST", path: "/directoryobjects/{id}/checkmembergroups", needs: readGroups, run: checkMemberGroups },
  { method: "POST", path: "/directoryobjects/{id}/getmembergroups", needs: readGroups, run: getMemberGroups },
  { method: "POST", path: "/users/{id}/getmembergroups", needs: readGroups, run: getMemberGroups },
  { method: "POST", path: "/groups/{id}/getmembergroups", needs: readGroups, run: getMemberGroups },
  { method: "POST", path: "/serviceprincipals/{id}/getmembergroups", needs: readGroups, run: getMemberGroups },
  { method: "GET", path: "/organization", needs: readOrganization, run: organization },
];

function get(call: GraphCall): Answer {
  const id = call.params["id"] ?? "";
  const shown = showAny(call, id);
  if (shown === undefined) throw graphErrors.notFound(id);
  const kind = Object.values(kinds).find(({ name }) => shown["@odata.type"] === typeOf({ name }));
  demand(call.caller, kind?.reads ?? []);
  return ok(call, "directoryObjects/$entity", selected(call, shown));
}

/** Unknown ids are missing without a word, and so are types that the directory does not have. */
function getByIds(call: GraphCall): Answer {
  const ids = textsIn(call.body, "ids");
  if (ids.length === 0 || ids.length > 1_000) throw graphErrors.badValue("ids", "GetByIds");
  const given = textsIn(call.body, "types");
  const types = Object.values(kinds).filter(({ name }) => given.length === 0 || given.includes(name));
  const wanted: KindName[] = types.map(({ name }) => name);
  return ok(call, "directoryObjects", { value: ids.flatMap((id) => showAny(call, id, wanted) ?? []) });
}

function checkMemberGroups(call: GraphCall): Answer {
  const asked = textsIn(call.body, "groupIds").map((id) => id.toLowerCase());
  const around = groupsAround(call, objectIdIn(call));
  return ok(call, "Collection(Edm.String)", { value: around.filter((id) => asked.includes(id)) });
}

function getMemberGroups(call: GraphCall): Answer {
  return ok(call, "Collection(Edm.String)", { value: groupsAround(call, objectIdIn(call)) });
}

/** Directly, or through other groups. */
function groupsAround({ directory, now }: GraphCall, objectId: string): string[] {
  return [...identitiesOf(directory, objectId, now)].filter((id) => id !== objectId);
}

function objectIdIn(call: GraphCall): string {
  const id = call.params["id"] ?? "";
  const user = call.directory.users.find((each) => kinds.user.isCalled(each, id))?.objectId;
  if (showAny(call, user ?? id) === undefined) throw graphErrors.notFound(id);
  return (user ?? id).toLowerCase();
}

function organization(call: GraphCall): Answer {
  const verified = { capabilities: "Email, OfficeCommunicationsOnline", isDefault: true, isInitial: true, name: domain, type: "Managed" };
  const { tenantId } = call.directory;
  return paged(call, "organization", [rowOf({ id: tenantId, displayName: "local", tenantType: "AAD", verifiedDomains: [verified] })]);
}

function textsIn(body: Body, property: string): string[] {
  const given = body[property] ?? [];
  if (!Array.isArray(given)) throw graphErrors.badValue(property, "directoryObject");
  return given.flatMap((each: unknown) => textIn({ [property]: each }, property, "directoryObject") ?? []);
}
