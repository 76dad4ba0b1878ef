import { createEntry, type Group } from "./directory.ts";
import { flagIn, textIn } from "./graph-body.ts";
import { created, noContent, type GraphCall, type GraphRoute } from "./graph-call.ts";
import { readProperties, routesOf } from "./graph-entries.ts";
import { graphErrors } from "./graph-errors.ts";
import { find, kinds } from "./graph-kinds.ts";
import { createGroups, writeGroups } from "./graph-permissions.ts";
import { groupDefaults } from "./graph-properties.ts";
import { showGroup } from "./graph-shapes.ts";
import { arrivalOf } from "./replication.ts";
import type { Answer } from "./room.ts";

const resource = "Group";
const own = ["displayName"];

/** Security groups alone. */
export const groupRoutes: readonly GraphRoute[] = [
  { method: "POST", path: "/groups", needs: createGroups, run: create },
  { method: "PATCH", path: "/groups/{id}", needs: writeGroups, run: change },
  ...routesOf(kinds.group),
];

function create(call: GraphCall): Answer {
  const { body, directory, settings, now } = call;
  for (const name of ["displayName", "mailNickname", "mailEnabled", "securityEnabled"]) {
    if ((body[name] ?? undefined) === undefined) throw graphErrors.missing(name, resource);
  }
  // A group with mail is Exchange's.
  if (flagIn(body, "mailEnabled", resource) === true) throw graphErrors.badValue("mailEnabled", resource);
  const group: Group = {
    ...createEntry(textIn(body, "displayName", resource) ?? "", now, arrivalOf("groups", settings.replication, now)),
    properties: readProperties(body, { defaults: groupDefaults, own, resource }),
    members: [],
    owners: [],
  };
  directory.groups.push(group);
  return created(call, "groups/$entity", showGroup(group), "Group");
}

function change(call: GraphCall): Answer {
  const group = find(call, kinds.group, call.params["id"] ?? "");
  const displayName = textIn(call.body, "displayName", resource);
  group.properties = readProperties(call.body, { defaults: groupDefaults, own, resource, before: group.properties });
  group.displayName = displayName ?? group.displayName;
  return noContent;
}
