import { beforeEach, expect, test } from "vitest";
import { armOf, machineToken, role, said, type Arm } from "./arm-support.ts";
import { handClock, openLab } from "./support.ts";

interface Key {
  keyName: string;
  value: string;
  permissions: string;
  creationTime: string;
}

const clock = handClock();
const lab = await openLab({ clock });
const { ready } = lab;
const here = `/subscriptions/${ready.subscription_id}`;
const accounts = `${here}/resourceGroups/local/providers/Microsoft.Storage/storageAccounts`;
const demo = `${accounts}/demostorage`;

const management = "https://management.azure.com/";
const version = "api-version=2024-01-01";
const withVersion =
  (arm: Arm): Arm =>
  (method, path, body) =>
    arm(method, path.includes("api-version") ? path : `${path}${path.includes("?") ? "&" : "?"}${version}`, body);
const owner = withVersion(armOf(lab, await lab.token(`${management}.default`)));
const machine = withVersion(armOf(lab, await machineToken(lab, management)));
const { client_id: machineClient, object_id: machineId } = ready.managed_identities.system_assigned;

beforeEach(async () => {
  await lab.control("PUT", "/storage-accounts/demostorage", { active_directory: false });
  await lab.control("PUT", "/role-assignments", { principal: machineId, roles: [] });
});

async function keysOf(query = ""): Promise<Key[]> {
  return (await owner("POST", `${demo}/listKeys${query}`)).json.keys;
}

const named = (keys: Key[], name: string): Key | undefined => keys.find(({ keyName }) => keyName === name);
/** Never the value itself: it would stand in the output of a test that fails. */
const changed = (before: Key[], after: Key[]): string[] =>
  after.filter(({ keyName, value }) => named(before, keyName)?.value !== value).map(({ keyName }) => keyName);

test("the ready line names an account; it is in the lists and shown by itself, with the age of its keys", async () => {
  expect(ready.storage_accounts).toEqual([{ name: "demostorage" }]);
  const { json, status } = await owner("GET", demo);
  expect([status, json]).toMatchObject([
    200,
    {
      id: demo,
      name: "demostorage",
      type: "Microsoft.Storage/storageAccounts",
      kind: "StorageV2",
      sku: { name: "Standard_LRS", tier: "Standard" },
      properties: {
        provisioningState: "Succeeded",
        keyCreationTime: { key1: "2026-06-01T12:00:00.0000000Z", key2: "2026-06-01T12:00:00.0000000Z" },
        azureFilesIdentityBasedAuthentication: { directoryServiceOptions: "None" },
        primaryEndpoints: { blob: "https://demostorage.blob.core.windows.net/" },
      },
    },
  ]);
  expect((await owner("GET", accounts)).json.value).toEqual([json]);
  expect((await owner("GET", `${here}/providers/Microsoft.Storage/storageAccounts`)).json.value).toEqual([json]);
  const filter = encodeURIComponent("resourceType eq 'Microsoft.Storage/storageAccounts' and name eq 'demostorage'");
  expect((await owner("GET", `${here}/resources?$filter=${filter}`)).json.value).toMatchObject([{ id: demo, type: json.type }]);
});

test("keys are listed with all they can and when they were made, Kerberos keys on request and where there are any", async () => {
  const { headers, json } = await owner("POST", `${demo}/listKeys`);
  expect(headers["x-ms-ratelimit-remaining-subscription-resource-requests"]).toMatch(/^[0-9]+$/);
  const shown = (keys: Key[]): unknown => keys.map(({ value, ...rest }) => ({ ...rest, bytes: Buffer.from(value, "base64").length }));
  const key = { permissions: "FULL", creationTime: "2026-06-01T12:00:00.0000000Z", bytes: 64 };
  expect(shown(json.keys)).toEqual(["key1", "key2"].map((keyName) => ({ ...key, keyName })));
  expect(new Set(json.keys.map(({ value }: Key) => value)).size).toBe(2);
  expect(await keysOf("?$expand=kerb")).toHaveLength(2);
  await lab.control("PUT", "/storage-accounts/demostorage", { active_directory: true });
  expect(await keysOf()).toHaveLength(2);
  expect((await keysOf("?$expand=kerb")).map(({ keyName }) => keyName)).toEqual(["key1", "key2", "kerb1", "kerb2"]);
});

test.each(["key1", "key2", "kerb1", "kerb2"])("regenerating %s changes that key alone, at once, and dates it", async (keyName) => {
  await lab.control("PUT", "/storage-accounts/demostorage", { active_directory: true });
  const before = await keysOf("?$expand=kerb");
  clock.advance(1_500);
  const { status, json } = await owner("POST", `${demo}/regenerateKey`, { keyName });
  const after = await keysOf("?$expand=kerb");
  expect([status, changed(before, after)]).toEqual([200, [keyName]]);
  expect(named(after, keyName)?.creationTime).toBe(new Date(clock.now()).toISOString().replace("Z", "0000Z"));
  expect(changed(after, json.keys)).toEqual([]);
  expect(json.keys).toHaveLength(keyName.startsWith("kerb") ? 4 : 2);
});

test.each([{ keyName: "key3" }, { keyName: "kerb1" }, { keyName: 1 }, {}])(
  "regenerating %j is refused and changes nothing",
  async (body) => {
    const before = await keysOf();
    expect(said(await owner("POST", `${demo}/regenerateKey`, body))).toEqual([
      400,
      "InvalidValuesForRequestParameters",
      "Values for request parameters are invalid: keyName.",
    ]);
    expect(changed(before, await keysOf())).toEqual([]);
  },
);

test("a Key Operator has the keys and nothing else; a Reader sees the account and no key", async () => {
  const refusal = (action: string): unknown[] => [
    403,
    "AuthorizationFailed",
    `The client '${machineClient}' with object id '${machineId}' does not have authorization to perform action 'Microsoft.Storage/storageAccounts/${action}' over scope '${demo}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  ];
  expect(said(await machine("POST", `${demo}/listKeys`))).toEqual(refusal("listKeys/action"));
  expect(said(await machine("POST", `${demo}/regenerateKey`, { keyName: "key1" }))).toEqual(refusal("regenerateKey/action"));
  // Who may nothing learns nothing: an account that is not there answers the same.
  expect(said(await machine("POST", `${accounts}/nobody/listKeys`))[1]).toBe("AuthorizationFailed");
  expect(said(await machine("GET", accounts))[1]).toBe("AuthorizationFailed");

  await lab.control("PUT", "/role-assignments", { principal: machineId, roles: ["Storage Account Key Operator Service Role"] });
  expect((await machine("POST", `${demo}/listKeys`)).status).toBe(200);
  expect((await machine("POST", `${demo}/regenerateKey`, { keyName: "key1" })).status).toBe(200);
  expect(said(await machine("GET", demo))).toEqual(refusal("read"));
  await lab.control("PUT", "/role-assignments", { principal: machineId, roles: ["Reader"] });
  expect((await machine("GET", demo)).status).toBe(200);
  expect(said(await machine("POST", `${demo}/listKeys`))).toEqual(refusal("listKeys/action"));
});

test("a role on one account counts for that one, after its delay", async () => {
  await lab.control("PUT", "/storage-accounts/second00", {});
  await lab.control("PUT", "/settings", { delays: { role: 1_000 } });
  const id = `${demo}/providers/Microsoft.Authorization/roleAssignments/11111111-2222-3333-4444-555555555555?api-version=2022-04-01`;
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${role.keyOperator}`;
  expect((await owner("PUT", id, { properties: { roleDefinitionId, principalId: machineId } })).status).toBe(201);
  expect((await machine("POST", `${demo}/listKeys`)).status).toBe(403);
  clock.advance(1_000);
  expect((await machine("POST", `${demo}/listKeys`)).status).toBe(200);
  expect((await machine("POST", `${accounts}/second00/listKeys`)).status).toBe(403);
  await owner("DELETE", id);
});

test("accounts come and go by the control API, and what is not there is not found", async () => {
  await lab.control("PUT", "/storage-accounts/third000", {});
  expect((await owner("GET", `${accounts}/THIRD000`)).json.name).toBe("third000");
  await lab.control("DELETE", "/storage-accounts/third000");
  for (const [method, path] of [
    ["GET", ""],
    ["POST", "/listKeys"],
    ["POST", "/regenerateKey"],
  ] as const) {
    expect(said(await owner(method, `${accounts}/third000${path}`))).toEqual([
      404,
      "ResourceNotFound",
      "The Resource 'Microsoft.Storage/storageAccounts/third000' under resource group 'local' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    ]);
  }
  const far = `${here}/resourceGroups/far/providers/Microsoft.Storage/storageAccounts/demostorage/listKeys`;
  expect(said(await owner("POST", far))).toEqual([404, "ResourceGroupNotFound", "Resource group 'far' could not be found."]);
  expect((await lab.control("PUT", "/storage-accounts/No-name", {})).status).toBe(400);
  expect((await lab.control("PUT", "/storage-accounts/third000", { kerberos: true })).status).toBe(400);
  expect((await lab.control("DELETE", "/storage-accounts/third000")).status).toBe(400);
});

test.each([
  ["2024-01-01", 200],
  ["2026-09-01", 200],
  ["2099-01-01-preview", 200],
  ["2024-01-02", 400, "NoRegisteredProviderFound"],
  ["2014-04-01", 400, "NoRegisteredProviderFound"],
  ["1.0", 400, "InvalidApiVersionParameter"],
  ["", 400, "MissingApiVersionParameter"],
] as const)("api-version=%s is answered with %i", async (given, status, code?: string) => {
  expect(said(await owner("POST", `${demo}/listKeys?api-version=${given}`)).slice(0, 2)).toEqual([status, code]);
});

test("a caller that asks too much is told when to come back; others and the next ten seconds are not concerned", async () => {
  clock.advance(10_000);
  await lab.control("PUT", "/settings", { arm: { perTenSeconds: 2, retryAfter: 4 } });
  const statuses = [];
  for (let turn = 0; turn < 3; turn += 1) statuses.push((await owner("POST", `${demo}/listKeys`)).status);
  const refusal = await owner("POST", `${demo}/listKeys`);
  expect([statuses, refusal.status, refusal.headers["retry-after"], refusal.json.error.code]).toEqual([
    [200, 200, 429],
    429,
    "4",
    "TooManyRequests",
  ]);
  expect((await machine("GET", "/tenants")).status).toBe(200);
  clock.advance(10_000);
  expect((await owner("POST", `${demo}/listKeys`)).status).toBe(200);
  await lab.control("PUT", "/settings", { arm: { perTenSeconds: 0 } });
});

test("an answer that was lost after its effect leaves the new key, and no value stands in the log", async () => {
  const before = await keysOf();
  await lab.control("DELETE", "/requests");
  await lab.control("POST", "/faults", { method: "POST", path: "*/regenerateKey", reset: "after" });
  await expect(owner("POST", `${demo}/regenerateKey`, { keyName: "key2" })).rejects.toMatchObject({ code: "ECONNRESET" });
  const after = await keysOf();
  expect(changed(before, after)).toEqual(["key2"]);
  const { text, json } = await lab.control("GET", "/requests");
  expect(json.requests.map(({ method, path }: { method: string; path: string }) => `${method} ${path}`)).toEqual([
    `POST ${demo}/regenerateKey?${version}`,
    `POST ${demo}/listKeys?${version}`,
  ]);
  for (const { value } of [...before, ...after]) expect(text.includes(value)).toBe(false);
});
