import { randomUUID } from "node:crypto";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { StorageManagementClient } from "@azure/arm-storage";
import { expect, test } from "vitest";
import { role } from "./arm-support.ts";
import { openLab } from "./support.ts";

// Microsoft's own clients of ARM, unmodified, at the local endpoint. Keys are compared, never shown.
const lab = await openLab();
const { ready } = lab;
const machineId = ready.managed_identities.system_assigned.object_id;
const token = await lab.token("https://management.azure.com/.default");
const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_000_000 }) };
const tlsOptions = { ca: lab.ca.toString() };
const options = { endpoint: ready.arm_endpoint, tlsOptions, retryOptions: { maxRetries: 1, retryDelayInMs: 1 } };
const storage = new StorageManagementClient(credential, ready.subscription_id, options).storageAccounts;
const authorization = new AuthorizationManagementClient(credential, ready.subscription_id, options);
const demo = `/subscriptions/${ready.subscription_id}/resourceGroups/local/providers/Microsoft.KeyVault/vaults/demo`;

async function namesOf(rows: AsyncIterable<{ name?: string }>): Promise<(string | undefined)[]> {
  const names = [];
  for await (const { name } of rows) names.push(name);
  return names;
}

test("@azure/arm-storage lists accounts, page by page, lists keys and regenerates one", async () => {
  await lab.control("PUT", "/storage-accounts/another0", { active_directory: true });
  await lab.control("PUT", "/settings", { emptyPages: 1 });
  expect(await namesOf(storage.list())).toEqual(["another0", "demostorage"]);
  expect(await namesOf(storage.listByResourceGroup("local"))).toEqual(["another0", "demostorage"]);
  await lab.control("PUT", "/settings", { emptyPages: 0 });
  expect((await storage.getProperties("local", "another0")).azureFilesIdentityBasedAuthentication?.directoryServiceOptions).toBe("AD");

  const { keys: before = [] } = await storage.listKeys("local", "another0", { expand: "kerb" });
  expect(before.map(({ keyName, permissions }) => [keyName, permissions?.toLowerCase()])).toEqual(
    ["key1", "key2", "kerb1", "kerb2"].map((keyName) => [keyName, "full"]),
  );
  const { keys: after = [] } = await storage.regenerateKey("local", "another0", { keyName: "kerb2" });
  expect(after.map(({ value }, index) => value === before[index]?.value)).toEqual([true, true, true, false]);
  expect(after[3]?.creationTime?.getTime()).toBeGreaterThanOrEqual(before[3]?.creationTime?.getTime() ?? Infinity);
});

test("@azure/arm-storage tells what ARM refuses by status and code, and waits as long as a throttled ARM says", async () => {
  await expect(storage.regenerateKey("local", "demostorage", { keyName: "kerb1" })).rejects.toMatchObject({
    statusCode: 400,
    code: "InvalidValuesForRequestParameters",
  });
  await expect(storage.listKeys("local", "nobody")).rejects.toMatchObject({ statusCode: 404, code: "ResourceNotFound" });
  await lab.control("DELETE", "/requests");
  await lab.control("POST", "/faults", { path: "*/listKeys", status: 429, retry_after: 0 });
  expect((await storage.listKeys("local", "demostorage")).keys).toHaveLength(2);
  const { json } = await lab.control("GET", "/requests");
  expect(json.requests.map(({ status }: { status: number }) => status)).toEqual([429, 200]);
});

test("@azure/arm-authorization finds a role by name, assigns it on a vault, lists, reads and deletes the assignment", async () => {
  const { roleAssignments, roleDefinitions } = authorization;
  const found = [];
  for await (const each of roleDefinitions.list(demo, { filter: "roleName eq 'Key Vault Secrets Officer'" })) found.push(each);
  expect(found).toMatchObject([{ name: role.secretsOfficer, roleType: "BuiltInRole", roleName: "Key Vault Secrets Officer" }]);
  const roleDefinitionId = found[0]?.id ?? "";
  expect((await roleDefinitions.getById(roleDefinitionId)).roleName).toBe("Key Vault Secrets Officer");

  const [name, asked] = [randomUUID(), { roleDefinitionId, principalId: machineId, principalType: "ServicePrincipal" }];
  const made = await roleAssignments.create(demo, name, asked);
  expect(made).toMatchObject({ ...asked, scope: demo, createdBy: null });
  await expect(roleAssignments.create(demo, randomUUID(), asked)).rejects.toMatchObject({ statusCode: 409, code: "RoleAssignmentExists" });
  await expect(roleAssignments.create(demo, randomUUID(), { ...asked, principalId: randomUUID() })).rejects.toMatchObject({
    statusCode: 400,
    code: "PrincipalNotFound",
  });
  expect(await namesOf(roleAssignments.listForScope(demo, { filter: "atScope()" }))).toEqual([name]);
  expect(await namesOf(roleAssignments.listForSubscription({ filter: `assignedTo('${machineId}')` }))).toEqual([name]);
  expect((await roleAssignments.getById(made.id ?? "")).createdOn?.getTime()).toBe(made.createdOn?.getTime());
  expect((await roleAssignments.deleteById(made.id ?? "")).name).toBe(name);
  expect((await roleAssignments.delete(demo, name)).name).toBeUndefined();
  expect(await namesOf(roleAssignments.listForScope(demo))).toEqual([]);
});
