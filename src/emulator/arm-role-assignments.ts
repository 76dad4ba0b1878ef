import { demand, isObject, ok, paged, readMembers, type ArmCall } from "./arm-call.ts";
import { preciseTime } from "./arm-resources.ts";
import { definitionId, findDefinition } from "./arm-role-definitions.ts";
import { roleErrors } from "./arm-role-errors.ts";
import { checkResource } from "./arm-scope.ts";
import { identitiesOf } from "./identities.ts";
import type { Answer } from "./room.ts";
import type { Assignment } from "./roles.ts";
import { isWithin, sameScope } from "./scopes.ts";

const action = (verb: "read" | "write" | "delete"): string => `Microsoft.Authorization/roleAssignments/${verb}`;
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** At the scope, above and below it; `atScope()` leaves out what is below. */
export function listAssignments(call: ArmCall, scope: string): Answer {
  demand(call, action("read"), scope);
  checkResource(call.house, scope);
  const { atScope, has } = readFilter(call);
  const isHere = (each: Assignment): boolean => isWithin(scope, each.scope) || (!atScope && isWithin(each.scope, scope));
  const rows = call.house.roles.assignments().filter((each) => isHere(each) && has(each.principalId));
  return paged(call, rows, (each) => shown(call, each, each.createdBy));
}

/** ARM takes `principalId eq '...'` by itself, and `assignedTo('...')`, which looks into groups, also with `atScope()`. */
function readFilter({ ask, house, now }: ArmCall): { atScope: boolean; has(principalId: string): boolean } {
  const filter = (ask.query.get("$filter") ?? "").trim();
  const [, equal] = /^principalId eq '([^']*)'$/i.exec(filter) ?? [];
  if (equal !== undefined) return { atScope: false, has: (principalId) => principalId === equal.toLowerCase() };
  const terms = filter === "" ? [] : filter.split(/ and /i);
  const [to] = terms.flatMap((term) => /^assignedTo\('([^']*)'\)$/i.exec(term)?.[1] ?? []);
  const atScope = terms.some((term) => /^atScope\(\)$/i.test(term));
  if (terms.length !== Number(atScope) + Number(to !== undefined)) throw roleErrors.badFilter(filter);
  if (to === undefined) return { atScope, has: () => true };
  const identities = identitiesOf(house.directory, to.toLowerCase(), now);
  return { atScope, has: (principalId) => identities.has(principalId) };
}

export function getAssignment(call: ArmCall, scope: string, name: string): Answer {
  demand(call, action("read"), assignmentId(scope, name));
  const found = find(call, scope, name);
  if (found === undefined) throw roleErrors.unknown(name);
  return ok(shown(call, found, found.createdBy));
}

/** 201 for a new one, 200 for the same again. */
export async function putAssignment(call: ArmCall, scope: string, given: string): Promise<Answer> {
  demand(call, action("write"), assignmentId(scope, given));
  checkResource(call.house, scope);
  const asked = await readAssignment(call, scope);
  const { roles, settings } = call.house;
  const name = given.toLowerCase();
  if (!guid.test(name)) throw roleErrors.badName(given);
  const before = roles.assignments().find((each) => each.name === name);
  const isSame = (each: Assignment): boolean =>
    each.principalId === asked.principalId && each.role === asked.role && sameScope(each.scope, scope);
  if (before !== undefined && !isSame(before)) throw roleErrors.fixed();
  const principalType = before?.principalType ?? newcomerType(call, asked, isSame);

  const { objectId } = call.caller;
  const fresh = { createdOn: call.now, createdBy: objectId, countsFrom: call.now + settings.delays.role };
  const assignment: Assignment = { ...fresh, ...before, ...asked, name, scope, principalType, updatedOn: call.now, updatedBy: objectId };
  roles.assign(assignment);
  return { status: before === undefined ? 201 : 200, body: shown(call, assignment, before === undefined ? null : assignment.createdBy) };
}

/** What a name that is new has to be: of somebody whom ARM knows, and not there under another name. */
function newcomerType({ house }: ArmCall, asked: Asked, isSame: (each: Assignment) => boolean): string {
  const { principalId, principalType } = asked;
  const type = house.principalType(principalId);
  // Said also to those who send principalType: in Azure that makes it rare, and here it shall not be.
  if (type === undefined) throw roleErrors.principalNotFound(principalId, house.directory.tenantId);
  if (principalType !== undefined && principalType !== type) throw roleErrors.otherType(principalId, type, principalType);
  if (house.roles.assignments().some(isSame)) throw roleErrors.exists();
  return type;
}

export function deleteAssignment(call: ArmCall, scope: string, name: string): Answer {
  demand(call, action("delete"), assignmentId(scope, name));
  const found = find(call, scope, name);
  if (found === undefined) return { status: 204 };
  call.house.roles.unassign(found.name, call.now, call.house.settings.delays.role);
  return ok(shown(call, found, found.createdBy));
}

function find({ house }: ArmCall, scope: string, name: string): Assignment | undefined {
  return house.roles.assignments().find((each) => each.name === name.toLowerCase() && sameScope(each.scope, scope));
}

type Asked = Pick<Assignment, "role" | "principalId" | "description" | "condition" | "conditionVersion"> & { principalType?: string };

async function readAssignment(call: ArmCall, scope: string): Promise<Asked> {
  const { properties } = await readMembers(call.ask);
  if (!isObject(properties)) throw roleErrors.badRequest();
  const text = (key: string): string | null => {
    const value = properties[key] ?? null;
    if (value !== null && typeof value !== "string") throw roleErrors.badRequest();
    return value;
  };
  const [roleId, principalId, principalType] = [text("roleDefinitionId"), text("principalId"), text("principalType")];
  if (roleId === null || principalId === null) throw roleErrors.badRequest();
  if (!guid.test(principalId)) throw roleErrors.badPrincipal(principalId);
  const role = findDefinition(call, roleId, scope);
  if (role === undefined) throw roleErrors.unknownRole(roleId.split("/").at(-1) ?? "");
  const rest = { description: text("description"), condition: text("condition"), conditionVersion: text("conditionVersion") };
  return { ...rest, role: role.name, principalId: principalId.toLowerCase(), ...(principalType === null ? {} : { principalType }) };
}

function assignmentId(scope: string, name: string): string {
  return `${scope === "/" ? "" : scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
}

/** In the answer that says that it was made nobody made it. */
function shown(call: ArmCall, assignment: Assignment, createdBy: string | null): object {
  const { name, scope, role, principalId, principalType, condition, conditionVersion, description } = assignment;
  return {
    id: assignmentId(scope, name),
    type: "Microsoft.Authorization/roleAssignments",
    name,
    properties: {
      roleDefinitionId: definitionId(call, role),
      principalId,
      principalType,
      scope,
      condition,
      conditionVersion,
      createdOn: preciseTime(assignment.createdOn),
      updatedOn: preciseTime(assignment.updatedOn),
      createdBy,
      updatedBy: assignment.updatedBy,
      delegatedManagedIdentityResourceId: null,
      description,
    },
  };
}
