import { isThere, type Directory, type Entry } from "./directory.ts";
import type { GraphCall } from "./graph-call.ts";
import { graphErrors } from "./graph-errors.ts";
import { rowOf, type Row } from "./graph-list.ts";
import { readApplications, readGroups, readUsers, writeApplications, writeGroups, writeUsers } from "./graph-permissions.ts";
import { userStandard } from "./graph-properties.ts";
import { showApplication, showGroup, showPrincipal, showUser, type Shown, type View } from "./graph-shapes.ts";

/** Microsoft's name of a kind of objects, and where the directory keeps them. */
export interface Kinds {
  application: Directory["applications"][number];
  servicePrincipal: Directory["servicePrincipals"][number];
  user: Directory["users"][number];
  group: Directory["groups"][number];
}

export type KindName = keyof Kinds;

export interface Kind<T extends Entry> {
  name: KindName;
  /** The segment of its paths, and of contexts. */
  collection: "applications" | "servicePrincipals" | "users" | "groups";
  reads: readonly string[];
  writes: readonly string[];
  of(directory: Directory): T[];
  /** Whether the object goes by this name too, instead of its object id. */
  isCalled(entry: T, key: string): boolean;
  show(entry: T, view: View): Shown;
  /** What lists are mostly searched by, as it is shown. */
  quick: Readonly<Record<string, (entry: T) => unknown>>;
  /** What is shown where nothing is asked for; undefined is all. */
  standard?: readonly string[];
}

const named = { id: ({ objectId }: Entry) => objectId, displayName: ({ displayName }: Entry) => displayName };
const byAppId = ({ clientId }: { clientId: string }, key: string): boolean => key.toLowerCase() === `appid=${clientId}`;

export const kinds: { readonly [N in KindName]: Kind<Kinds[N]> } = {
  application: {
    name: "application",
    collection: "applications",
    reads: readApplications,
    writes: writeApplications,
    of: ({ applications }) => applications,
    isCalled: byAppId,
    show: showApplication,
    quick: { ...named, appId: ({ clientId }) => clientId },
  },
  servicePrincipal: {
    name: "servicePrincipal",
    collection: "servicePrincipals",
    reads: readApplications,
    writes: writeApplications,
    of: ({ servicePrincipals }) => servicePrincipals,
    isCalled: byAppId,
    show: showPrincipal,
    quick: { ...named, appId: ({ clientId }) => clientId },
  },
  user: {
    name: "user",
    collection: "users",
    reads: readUsers,
    writes: writeUsers,
    of: ({ users }) => users,
    isCalled: ({ principalName }, key) => principalName.toLowerCase() === key.toLowerCase(),
    show: showUser,
    quick: { ...named, userPrincipalName: ({ principalName }) => principalName },
    standard: userStandard,
  },
  group: {
    name: "group",
    collection: "groups",
    reads: readGroups,
    writes: writeGroups,
    of: ({ groups }) => groups,
    isCalled: () => false,
    show: showGroup,
    quick: named,
  },
};

/** By object id or by the other name of its kind. What is deleted, or has not replicated yet, is not there. */
export function find<T extends Entry>({ directory, now }: GraphCall, kind: Kind<T>, key: string): T {
  const found = kind.of(directory).find((each) => isThere(each, now) && (each.objectId === key.toLowerCase() || kind.isCalled(each, key)));
  if (found === undefined) throw graphErrors.notFound(key.replace(/^appId=/, ""));
  return found;
}

/** The objects for which `isMeant` holds, as rows of a list. */
export function rowsOf<T extends Entry>(call: GraphCall, kind: Kind<T>, isMeant: (entry: T) => boolean): Row[] {
  const toRow = (entry: T): Row => {
    const show = (): Shown => kind.show(entry, call);
    const look = (name: string): unknown => (Object.hasOwn(kind.quick, name) ? kind.quick[name]?.(entry) : rowOf(show()).look(name));
    return { id: entry.objectId, show, look };
  };
  return kind.of(call.directory).filter(isMeant).map(toRow);
}

/** An object of any of these kinds, as lists of mixed kinds show it. */
export function showAny(call: GraphCall, objectId: string, wanted: readonly KindName[] = allKinds): Shown | undefined {
  const seen = [
    showIn(call, kinds.application, objectId),
    showIn(call, kinds.servicePrincipal, objectId),
    showIn(call, kinds.user, objectId),
    showIn(call, kinds.group, objectId),
  ];
  return seen.find((shown) => wanted.some((name) => shown?.["@odata.type"] === typeOf({ name })));
}

const allKinds: readonly KindName[] = ["application", "servicePrincipal", "user", "group"];

/** `#microsoft.graph.user` */
export function typeOf({ name }: { name: KindName }): string {
  return `#microsoft.graph.${name}`;
}

function showIn<T extends Entry>({ directory, now }: GraphCall, kind: Kind<T>, objectId: string): Shown | undefined {
  const found = kind.of(directory).find((each) => isThere(each, now) && each.objectId === objectId.toLowerCase());
  if (found === undefined) return undefined;
  const shown = kind.show(found, { directory, now });
  const standard = kind.standard?.map((name) => [name, shown[name]]);
  return {
    "@odata.type": typeOf(kind),
    ...(standard === undefined ? shown : Object.fromEntries(standard)),
    id: shown.id,
  };
}
