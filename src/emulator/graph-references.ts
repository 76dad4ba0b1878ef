import type { Application, Entry, Group, Member, ServicePrincipal } from "./directory.ts";
import { textIn } from "./graph-body.ts";
import { noContent, type GraphCall, type GraphRoute } from "./graph-call.ts";
import { graphErrors } from "./graph-errors.ts";
import { find, kinds, showAny, type Kind } from "./graph-kinds.ts";
import { paged, rowOf } from "./graph-list.ts";
import { readGroups, writeGroups, writeMembers, writeOwners } from "./graph-permissions.ts";
import { arrivalAfter } from "./replication.ts";
import type { Answer } from "./room.ts";

/** Owners of applications, service principals and groups, and members of groups: references from one object to others. */
export const referenceRoutes: readonly GraphRoute[] = [
  ...routesOf(kinds.application, "owners", ownersOf, { reads: kinds.application.reads, writes: writeOwners }),
  ...routesOf(kinds.servicePrincipal, "owners", ownersOf, { reads: kinds.servicePrincipal.reads, writes: writeOwners }),
  ...routesOf(kinds.group, "owners", ownersOf, { reads: readGroups, writes: writeGroups }),
  ...routesOf(kinds.group, "members", membersOfGroup, { reads: readGroups, writes: writeMembers }),
];

/** One list of references of one object. */
interface References {
  all(now: number): readonly string[];
  /** Also what has not replicated yet. */
  has(objectId: string): boolean;
  add(objectId: string, call: GraphCall): void;
  remove(objectId: string): void;
}

function ownersOf(entry: Application | ServicePrincipal | Group): References {
  return {
    all: () => entry.owners,
    has: (objectId) => entry.owners.includes(objectId),
    add: (objectId) => void entry.owners.push(objectId),
    remove(objectId) {
      entry.owners = entry.owners.filter((each) => each !== objectId);
    },
  };
}

function membersOfGroup(group: Group): References {
  const isHim = (objectId: string) => (member: Member) => member.objectId === objectId;
  return {
    all: (now) => group.members.filter(({ arrives }) => arrives <= now).map(({ objectId }) => objectId),
    has: (objectId) => group.members.some(isHim(objectId)),
    add(objectId, { settings, now }) {
      group.members.push({ objectId, arrives: arrivalAfter(settings.replication.members, now) });
    },
    remove(objectId) {
      group.members = group.members.filter((member) => !isHim(objectId)(member));
    },
  };
}

type Name = "owners" | "members";

function routesOf<T extends Entry>(
  kind: Kind<T>,
  name: Name,
  of: (entry: T) => References,
  { reads, writes }: { reads: readonly string[]; writes: readonly string[] },
): GraphRoute[] {
  const path = `/${kind.collection.toLowerCase()}/{id}/${name}`;
  const found = (call: GraphCall): References => of(find(call, kind, call.params["id"] ?? ""));
  return [
    { method: "GET", path, needs: reads, run: (call) => list(call, found(call)) },
    { method: "POST", path: `${path}/$ref`, needs: writes, run: (call) => add(call, name, found(call)) },
    { method: "DELETE", path: `${path}/{other}/$ref`, needs: writes, run: (call) => remove(call, found(call)) },
  ];
}

function list(call: GraphCall, references: References): Answer {
  const rows = references
    .all(call.now)
    .flatMap((objectId) => showAny(call, objectId) ?? [])
    .map(rowOf);
  return paged(call, "directoryObjects", rows);
}

/** The reference is an address of the object, on whichever host: the Vault engine writes the public cloud's in every cloud. */
function add(call: GraphCall, name: Name, references: References): Answer {
  const address = textIn(call.body, "@odata.id", "ReferenceCreate") ?? "";
  const path = /^https:\/\/[^/]+\/(?:v1\.0|beta)\/(?:directoryObjects|users|groups|servicePrincipals)\/([0-9a-fA-F-]{36})$/;
  const objectId = path.exec(address)?.[1]?.toLowerCase();
  if (objectId === undefined) throw graphErrors.badReference();
  const other = showAny(call, objectId);
  if (other === undefined || other["@odata.type"] === "#microsoft.graph.application") throw graphErrors.notFound(objectId);
  if (references.has(objectId)) throw graphErrors.alreadyThere(name);
  references.add(objectId, call);
  return noContent;
}

function remove(call: GraphCall, references: References): Answer {
  const objectId = (call.params["other"] ?? "").toLowerCase();
  if (!references.has(objectId)) throw graphErrors.notFound(objectId);
  references.remove(objectId);
  return noContent;
}
