import { demand, isObject, ok, paged, readMembers, type ArmCall } from "./arm-call.ts";
import { preciseTime } from "./arm-resources.ts";
import { roleErrors } from "./arm-role-errors.ts";
import type { RoleDefinition } from "./role-definitions.ts";
import { permissions, type Permissions } from "./role-permissions.ts";
import type { Answer } from "./room.ts";
import { isWithin } from "./scopes.ts";

const action = (verb: "read" | "write" | "delete"): string => `Microsoft.Authorization/roleDefinitions/${verb}`;
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function definitionId({ view }: ArmCall, name: string): string {
  return `/subscriptions/${view.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
}

/** The role that can be assigned at the scope. A full id, or its last part. */
export function findDefinition({ house }: ArmCall, id: string, scope: string): RoleDefinition | undefined {
  const wanted = id.split("/").at(-1)?.toLowerCase();
  return house.roles
    .definitions()
    .find(({ name, assignableScopes }) => name === wanted && assignableScopes.some((each) => isWithin(scope, each)));
}

/** Understands `roleName eq '...'` and `type eq 'CustomRole'`, joined by `and`; `atScopeAndBelow()` changes nothing here. */
export function listDefinitions(call: ArmCall, scope: string): Answer {
  demand(call, action("read"), scope);
  const filter = call.ask.query.get("$filter") ?? "";
  const wanted = { roleName: eq(filter, "roleName"), type: eq(filter, "type") };
  const fits = (role: RoleDefinition): boolean =>
    (wanted.roleName ?? role.roleName).toLowerCase() === role.roleName.toLowerCase() && (wanted.type ?? role.type) === role.type;
  const here = call.house.roles.definitions().filter(({ assignableScopes }) => assignableScopes.some((each) => isWithin(scope, each)));
  return paged(call, here.filter(fits), (role) => shown(call, role));
}

export function getDefinition(call: ArmCall, scope: string, name: string): Answer {
  demand(call, action("read"), scope);
  const found = findDefinition(call, name, scope);
  if (found === undefined) throw roleErrors.unknownRole(name);
  return ok(shown(call, found));
}

export async function putDefinition(call: ArmCall, scope: string, given: string): Promise<Answer> {
  const name = given.toLowerCase();
  demand(call, action("write"), scope);
  const read = readDefinition(await readMembers(call.ask));
  if (read === undefined || !guid.test(name)) throw roleErrors.badRequest();
  for (const each of read.assignableScopes) demand(call, action("write"), each);
  const { roles } = call.house;
  const known = roles.definitions();
  const before = known.find((role) => role.name === name);
  if (before?.type === "BuiltInRole") throw roleErrors.builtIn();
  if (known.some((role) => role.name !== name && role.roleName.toLowerCase() === read.roleName.toLowerCase()))
    throw roleErrors.sameRoleName();
  const who = call.caller.objectId;
  const role: RoleDefinition = {
    ...read,
    name,
    type: "CustomRole",
    createdOn: before?.createdOn ?? call.now,
    createdBy: before?.createdBy ?? who,
    updatedOn: call.now,
    updatedBy: who,
  };
  roles.define(role);
  return { status: 201, body: shown(call, role) };
}

export function deleteDefinition(call: ArmCall, scope: string, name: string): Answer {
  demand(call, action("delete"), scope);
  const found = findDefinition(call, name, scope);
  if (found === undefined) return { status: 204 };
  if (found.type === "BuiltInRole") throw roleErrors.builtIn();
  const { roles } = call.house;
  if (roles.assignments().some(({ role }) => role === found.name)) throw roleErrors.roleInUse();
  roles.undefine(found.name);
  return ok(shown(call, found));
}

type Given = Pick<RoleDefinition, "roleName" | "description" | "permissions" | "assignableScopes">;

function readDefinition({ properties }: Record<string, unknown>): Given | undefined {
  if (!isObject(properties)) return undefined;
  const { roleName, description = "", permissions: entries, assignableScopes } = properties;
  if (typeof roleName !== "string" || roleName === "" || typeof description !== "string") return undefined;
  if (!isTexts(assignableScopes) || assignableScopes.length === 0 || !Array.isArray(entries)) return undefined;
  const read = entries.map(readPermissions);
  return read.includes(undefined)
    ? undefined
    : { roleName, description, assignableScopes, permissions: read.filter((each) => each !== undefined) };
}

function readPermissions(given: unknown): Permissions | undefined {
  if (!isObject(given)) return undefined;
  const { actions = [], notActions = [], dataActions = [], notDataActions = [] } = given;
  if (!isTexts(actions) || !isTexts(notActions) || !isTexts(dataActions) || !isTexts(notDataActions)) return undefined;
  return permissions({ actions, notActions, dataActions, notDataActions });
}

function isTexts(given: unknown): given is string[] {
  return Array.isArray(given) && given.every((each) => typeof each === "string");
}

/** `property eq 'value'`, where a quote is written twice. */
function eq(filter: string, property: string): string | undefined {
  return new RegExp(`\\b${property} eq '((?:[^']|'')*)'`, "i").exec(filter)?.[1]?.replaceAll("''", "'");
}

function shown(call: ArmCall, role: RoleDefinition): object {
  const { name, createdOn, updatedOn, ...properties } = role;
  const times = { createdOn: preciseTime(createdOn), updatedOn: preciseTime(updatedOn) };
  return { id: definitionId(call, name), type: "Microsoft.Authorization/roleDefinitions", name, properties: { ...properties, ...times } };
}
