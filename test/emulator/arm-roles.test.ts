import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { armOf, machineToken, oidOf, role, said } from "./arm-support.ts";
import { handClock, openLab, type Reply } from "./support.ts";

const clock = handClock();
const lab = await openLab({ clock });
const { ready } = lab;
const here = `/subscriptions/${ready.subscription_id}`;
const group = `${here}/resourceGroups/local`;
const demo = `${group}/providers/Microsoft.KeyVault/vaults/demo`;
const below = "/providers/Microsoft.Authorization";
const roleId = (name: string): string => `${here}${below}/roleDefinitions/${name}`;

const management = "https://management.azure.com/";
const owner = armOf(lab, await lab.token(`${management}.default`));
const ownerId = oidOf(await lab.token());
const machine = armOf(lab, await machineToken(lab, management));
const machineId = ready.managed_identities.system_assigned.object_id;
const machineClient = ready.managed_identities.system_assigned.client_id;
const vaultToken = await machineToken(lab, "https://vault.azure.net");

/** The machine may do nothing but what ARM's assignments give it; each test begins with none. */
beforeEach(async () => {
  await lab.control("PUT", "/settings", { delays: { role: 20_000 } });
  await lab.control("PUT", "/role-assignments", { principal: machineId, roles: [] });
  for (const { id } of (await owner("GET", `${here}${below}/roleAssignments`)).json.value) await owner("DELETE", id);
  clock.advance(20_000);
});

const nameOf = (id: string): string => id.split("/").at(-1) ?? "";

async function assign(scope: string, name: string, more: object = {}, arm = owner): Promise<Reply> {
  const properties = { roleDefinitionId: roleId(name), principalId: machineId, ...more };
  return arm("PUT", `${scope}${below}/roleAssignments/${randomUUID()}`, { properties });
}

async function vaultSays(path: string, vault = "demo"): Promise<number> {
  const url = ready.vaults.find(({ name }) => name === vault)?.direct_url;
  return (await lab.https("GET", `${url}${path}?api-version=7.4`, { headers: { authorization: `Bearer ${vaultToken}` } })).status;
}

test("an assignment is made once: 201 made by nobody, 200 for the same again, 409 under another name", async () => {
  const id = `${demo}${below}/roleAssignments/${randomUUID()}`;
  const properties = { roleDefinitionId: roleId(role.secretsUser), principalId: machineId, principalType: "ServicePrincipal" };
  const made = await owner("PUT", id, { properties: { ...properties, description: "why" } });
  const shown = {
    id,
    type: "Microsoft.Authorization/roleAssignments",
    name: nameOf(id),
    properties: {
      ...properties,
      scope: demo,
      condition: null,
      conditionVersion: null,
      createdOn: new Date(clock.now()).toISOString().replace("Z", "0000Z"),
      updatedOn: new Date(clock.now()).toISOString().replace("Z", "0000Z"),
      createdBy: null,
      updatedBy: ownerId,
      delegatedManagedIdentityResourceId: null,
      description: "why",
    },
  };
  expect([made.status, made.json]).toEqual([201, shown]);
  expect((await owner("GET", id)).json).toEqual({ ...shown, properties: { ...shown.properties, createdBy: ownerId } });
  expect((await owner("PUT", id, { properties: { ...properties, description: "still" } })).status).toBe(200);
  expect((await owner("GET", id)).json.properties.description).toBe("still");
  const other = await assign(demo.toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions"), role.secretsUser);
  expect(said(other)).toEqual([409, "RoleAssignmentExists", "The role assignment already exists."]);
  const changed = await owner("PUT", id, { properties: { ...properties, roleDefinitionId: roleId(role.reader) } });
  expect(said(changed).slice(0, 2)).toEqual([400, "RoleAssignmentUpdateNotPermitted"]);
});

test("an assignment counts in its vault when it has got about, and for as long again after its end", async () => {
  const { json } = await assign(demo, role.secretsUser);
  expect(await vaultSays("/secrets")).toBe(403);
  clock.advance(19_999);
  expect(await vaultSays("/secrets")).toBe(403);
  clock.advance(1);
  expect([await vaultSays("/secrets"), await vaultSays("/secrets", "other"), await vaultSays("/certificates")]).toEqual([200, 403, 403]);
  const gone = await owner("DELETE", json.id);
  expect([gone.status, gone.json.id]).toEqual([200, json.id]);
  expect((await owner("DELETE", json.id)).status).toBe(204);
  expect(said(await owner("GET", json.id))).toEqual([404, "RoleAssignmentNotFound", `The role assignment '${json.name}' is not found.`]);
  clock.advance(19_999);
  expect(await vaultSays("/secrets")).toBe(200);
  clock.advance(1);
  expect(await vaultSays("/secrets")).toBe(403);
});

test("a role on a group counts in all its vaults, one on a secret for that secret alone, and a deleted one may come back at once", async () => {
  await lab.vault("PUT", "/secrets/mine", { value: "v" });
  await lab.vault("PUT", "/secrets/mine-too", { value: "v" });
  const { json } = await assign(`${demo}/secrets/mine`, role.secretsUser);
  clock.advance(20_000);
  expect([await vaultSays("/secrets/mine"), await vaultSays("/secrets/mine-too"), await vaultSays("/secrets")]).toEqual([200, 403, 403]);
  await owner("DELETE", json.id);
  expect((await owner("PUT", json.id, { properties: json.properties })).status).toBe(201);
  expect(await vaultSays("/secrets/mine")).toBe(200);
  await assign(group, role.secretsUser);
  clock.advance(20_000);
  expect([await vaultSays("/secrets/mine-too"), await vaultSays("/secrets", "other")]).toEqual([200, 200]);
});

test("a principal that is not there, or not for ARM, is PrincipalNotFound, and one of another type is said", async () => {
  const nobody = randomUUID();
  const notFound = (id: string): unknown[] => [
    400,
    "PrincipalNotFound",
    `Principal ${id.replaceAll("-", "")} does not exist in the directory ${ready.tenant_id}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
  ];
  expect(said(await assign(demo, role.reader, { principalId: nobody }))).toEqual(notFound(nobody));
  expect(said(await assign(demo, role.reader, { principalId: nobody, principalType: "ServicePrincipal" }))).toEqual(notFound(nobody));
  expect(said(await assign(demo, role.reader, { principalType: "User" }))).toEqual([
    400,
    "UnmatchedPrincipalType",
    `The PrincipalId '${machineId}' has type 'ServicePrincipal' , which is different from specified PrinciaplType 'User'.`,
  ]);
});

test("who assigns needs the right to: the refusal names action and scope, and a User Access Administrator has it", async () => {
  const name = randomUUID();
  const body = { properties: { roleDefinitionId: roleId(role.secretsUser), principalId: machineId } };
  const refusal = (action: string, scope: string): unknown[] => [
    403,
    "AuthorizationFailed",
    `The client '${machineClient}' with object id '${machineId}' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  ];
  const id = `${demo}${below}/roleAssignments/${name}`;
  await lab.control("PUT", "/role-assignments", { principal: machineId, roles: ["Contributor"] });
  expect(said(await machine("PUT", id, body))).toEqual(refusal("write", id));
  expect(said(await machine("DELETE", id))).toEqual(refusal("delete", id));
  expect((await machine("GET", `${demo}${below}/roleAssignments`)).status).toBe(200);
  await lab.control("PUT", "/role-assignments", { principal: machineId, roles: ["Key Vault Secrets User"] });
  expect(said(await machine("GET", `${demo}${below}/roleAssignments`))).toEqual(refusal("read", demo));
  await assign(demo, role.accessAdministrator);
  expect(said(await machine("PUT", id, body))).toEqual(refusal("write", id));
  clock.advance(20_000);
  expect((await machine("PUT", id, body)).status).toBe(201);
  const elsewhere = await assign(group, role.secretsUser, {}, machine);
  expect(elsewhere.status).toBe(403);
});

test("a list shows what counts at the scope and below it; atScope() leaves out what is below", async () => {
  const made = [
    await assign(here, role.reader),
    await assign(demo, role.secretsUser),
    await assign(demo, role.reader, { principalId: ownerId }),
  ];
  const [above, own, others] = made.map(({ json }) => json.id);
  const found = async (scope: string, filter: string): Promise<string[]> =>
    (await owner("GET", `${scope}${below}/roleAssignments?$filter=${encodeURIComponent(filter)}`)).json.value.map(
      ({ id }: { id: string }) => id,
    );
  const sorted = (...ids: string[]): unknown => ids.toSorted((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
  expect(await found(here, "")).toEqual(sorted(above, own, others));
  expect(await found(here, "atScope()")).toEqual([above]);
  expect(await found(demo, "atScope()")).toEqual(sorted(above, own, others));
  expect(await found(here, `principalId eq '${machineId}'`)).toEqual(sorted(above, own));
  expect(await found(demo, `atScope() and assignedTo('${ownerId}')`)).toEqual([others]);
  expect(await found(`${group}/providers/Microsoft.KeyVault/vaults/other`, "")).toEqual([above]);
  const both = `atScope() and principalId eq '${machineId}'`;
  expect(said(await owner("GET", `${here}${below}/roleAssignments?$filter=${encodeURIComponent(both)}`))).toEqual([
    400,
    "UnsupportedQuery",
    `The filter '${both}' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{value}' or assignedTo('{value}')'.`,
  ]);
});

const good = { roleDefinitionId: roleId(role.reader), principalId: machineId };
test.each([
  ["no GUID as a name", "x", { properties: good }, 400, "InvalidRoleAssignmentId"],
  ["no properties", randomUUID(), {}, 400, "BadRequestFormat"],
  ["no role", randomUUID(), { properties: { principalId: machineId } }, 400, "BadRequestFormat"],
  ["a number as a description", randomUUID(), { properties: { ...good, description: 1 } }, 400, "BadRequestFormat"],
  ["no GUID as a principal", randomUUID(), { properties: { ...good, principalId: "me" } }, 400, "InvalidPrincipalId"],
  ["an unknown role", randomUUID(), { properties: { ...good, roleDefinitionId: roleId(randomUUID()) } }, 404, "RoleDefinitionDoesNotExist"],
  ["no JSON", randomUUID(), "{", 400, "InvalidRequestContent"],
  ["more than a megabyte", randomUUID(), "x".repeat(1_048_577), 413, "RequestContentTooLarge"],
] as const)("an assignment with %s is refused", async (_, name, body, status, code) => {
  expect(said(await owner("PUT", `${demo}${below}/roleAssignments/${name}`, body)).slice(0, 2)).toEqual([status, code]);
  expect((await owner("GET", `${here}${below}/roleAssignments`)).json.value).toEqual([]);
});

test.each([
  [`/subscriptions/${randomUUID()}`, "SubscriptionNotFound"],
  [`${here}/resourceGroups/far`, "ResourceGroupNotFound"],
  [`${group}/providers/Microsoft.KeyVault/vaults/nobody`, "ResourceNotFound"],
  [`${group}/providers/Microsoft.Compute/virtualMachines/one`, "ResourceNotFound"],
])("nothing is assigned at %s", async (scope, code) => {
  expect(said(await assign(scope, role.reader)).slice(0, 2)).toEqual([404, code]);
});

test("role definitions are found by name, by full id and by type, with ARM's members", async () => {
  const named = await owner("GET", `${demo}${below}/roleDefinitions?$filter=${encodeURIComponent("roleName eq 'key vault Secrets User'")}`);
  expect(named.json.value).toHaveLength(1);
  expect(named.json.value[0]).toMatchObject({
    id: roleId(role.secretsUser),
    type: "Microsoft.Authorization/roleDefinitions",
    name: role.secretsUser,
    properties: {
      roleName: "Key Vault Secrets User",
      type: "BuiltInRole",
      assignableScopes: ["/"],
      permissions: [
        {
          actions: [],
          notActions: [],
          dataActions: ["Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"],
          notDataActions: [],
        },
      ],
    },
  });
  expect((await owner("GET", roleId(role.secretsUser))).json).toEqual(named.json.value[0]);
  expect((await owner("GET", `${below}/roleDefinitions/${role.secretsUser}`)).json).toEqual(named.json.value[0]);
  const missing = randomUUID();
  expect(said(await owner("GET", roleId(missing)))).toEqual([
    404,
    "RoleDefinitionDoesNotExist",
    `The specified role definition with ID '${missing}' does not exist.`,
  ]);
  expect((await owner("GET", `${here}${below}/roleDefinitions?$filter=type%20eq%20'CustomRole'`)).json.value).toEqual([]);
});

test("a custom role is made, counts, cannot go while it is assigned, and goes; a built-in one never does", async () => {
  const name = randomUUID();
  const properties = {
    roleName: "Lister",
    description: "lists",
    type: "CustomRole",
    permissions: [{ dataActions: ["Microsoft.KeyVault/vaults/secrets/*"], notDataActions: ["*/getSecret/action"] }],
    assignableScopes: [group],
  };
  const made = await owner("PUT", `${group}${below}/roleDefinitions/${name}`, { properties });
  expect([made.status, made.json.id, made.json.properties.createdBy]).toEqual([201, roleId(name), ownerId]);
  expect(said(await owner("PUT", `${group}${below}/roleDefinitions/${randomUUID()}`, { properties })).slice(0, 2)).toEqual([
    409,
    "RoleDefinitionWithSameNameExists",
  ]);
  expect(said(await assign(here, name)).slice(0, 2)).toEqual([404, "RoleDefinitionDoesNotExist"]);
  await lab.vault("PUT", "/secrets/shut", { value: "v" });
  const { json } = await assign(demo, name);
  clock.advance(20_000);
  expect([await vaultSays("/secrets"), await vaultSays("/secrets/shut")]).toEqual([200, 403]);
  expect(said(await owner("DELETE", `${group}${below}/roleDefinitions/${name}`)).slice(0, 2)).toEqual([
    400,
    "RoleDefinitionHasAssignments",
  ]);
  await owner("DELETE", json.id);
  expect((await owner("DELETE", `${group}${below}/roleDefinitions/${name}`)).json.properties.roleName).toBe("Lister");
  expect((await owner("DELETE", `${group}${below}/roleDefinitions/${name}`)).status).toBe(204);
  expect(said(await owner("DELETE", roleId(role.reader)))[0]).toBe(400);
  expect(said(await owner("PUT", roleId(role.reader), { properties }))[0]).toBe(400);
  for (const wrong of [{}, { ...properties, assignableScopes: [] }, { ...properties, permissions: [{ actions: [1] }] }]) {
    expect(said(await owner("PUT", `${group}${below}/roleDefinitions/${randomUUID()}`, { properties: wrong }))[0]).toBe(400);
  }
});
