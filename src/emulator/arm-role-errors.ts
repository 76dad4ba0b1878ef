import { ArmFailure } from "./arm-errors.ts";

const refuse = (status: number, code: string) => (message: string) => new ArmFailure(status, code, message);
const replication =
  "If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype";

/** What Microsoft.Authorization says: the first two as they were recorded, the others as people quote them, "PrinciaplType" included. */
export const roleErrors = {
  principalNotFound: (objectId: string, tenantId: string) =>
    refuse(
      400,
      "PrincipalNotFound",
    )(
      `Principal ${objectId.replaceAll("-", "")} does not exist in the directory ${tenantId}. Check that you have the correct principal ID. ${replication}`,
    ),
  exists: () => refuse(409, "RoleAssignmentExists")("The role assignment already exists."),
  otherType: (objectId: string, type: string, given: string) =>
    refuse(
      400,
      "UnmatchedPrincipalType",
    )(`The PrincipalId '${objectId}' has type '${type}' , which is different from specified PrinciaplType '${given}'.`),
  fixed: () =>
    refuse(400, "RoleAssignmentUpdateNotPermitted")("Tenant ID, application ID, principal ID, and scope are not allowed to be updated."),
  badName: (name: string) =>
    refuse(400, "InvalidRoleAssignmentId")(`The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`),
  badPrincipal: (given: string) =>
    refuse(
      400,
      "InvalidPrincipalId",
    )(`A valid principal ID must be provided for role assignment. The principal ID '${given}' is not valid. Principal ID must be a GUID.`),
  unknown: (name: string) => refuse(404, "RoleAssignmentNotFound")(`The role assignment '${name}' is not found.`),
  badRequest: () => refuse(400, "BadRequestFormat")("The request was incorrectly formatted."),
  badFilter: (filter: string) =>
    refuse(
      400,
      "UnsupportedQuery",
    )(
      `The filter '${filter}' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{value}' or assignedTo('{value}')'.`,
    ),
  unknownRole: (name: string) =>
    refuse(404, "RoleDefinitionDoesNotExist")(`The specified role definition with ID '${name}' does not exist.`),
  builtIn: () => refuse(400, "RoleDefinitionIsBuiltIn")("Built-in role definitions cannot be changed or deleted."),
  sameRoleName: () =>
    refuse(
      409,
      "RoleDefinitionWithSameNameExists",
    )("A custom role with the same name already exists in this directory. Use a different name"),
  roleInUse: () =>
    refuse(
      400,
      "RoleDefinitionHasAssignments",
    )("There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)."),
} as const;
