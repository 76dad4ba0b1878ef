import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { startEmulator } from "../../src/emulator/index.ts";
import { cli } from "../support/cli.ts";
import { armOf, machineToken } from "./arm-support.ts";
import { handClock, openLab } from "./support.ts";

const parent = mkdtempSync(join(tmpdir(), "usc-data-"));
afterAll(() => rmSync(parent, { recursive: true }));

test("a data folder brings back secrets, identity, authority and addresses, and nobody else may read it", async () => {
  const dataDir = join(parent, "data");
  const first = await openLab({ dataDir });
  await Promise.all(Array.from({ length: 40 }, (_, index) => first.vault("PUT", `/secrets/kept-${index}`, { value: String(index) })));
  await first.vault("DELETE", "/secrets/kept-0");
  await first.control("PUT", "/settings", { purgeProtection: { demo: true } });
  const token = await first.token();
  await first.stop();

  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  expect(readdirSync(dataDir).sort()).toEqual(["ca.pem", "emulator.json", "lock"]);
  for (const file of readdirSync(dataDir)) expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);

  const second = await openLab({ dataDir });
  const { control: _, ...kept } = first.ready;
  expect(second.ready).toMatchObject(kept);
  expect(second.ready.control).not.toBe(first.ready.control);
  expect(second.ca.equals(first.ca)).toBe(true);
  expect((await second.vault("GET", "/secrets/kept-39", undefined, { token })).json.value).toBe("39");
  expect((await second.vault("GET", "/secrets/kept-0")).status).toBe(404);
  expect((await second.vault("GET", "/secrets/kept-1")).json.attributes.recoveryLevel).toBe("Recoverable");
});

test("a data folder brings back what was decided: settings, properties of vaults, roles, policies, applications", async () => {
  const dataDir = join(parent, "decided");
  const first = await openLab({ dataDir });
  await first.vault("PUT", "/secrets/x", { value: "v" });
  await first.control("PUT", "/settings", { emptyPages: 1, perTenSeconds: 3, retryAfter: 9, network: { other: "private" } });
  await first.control("PUT", "/role-assignments", { roles: ["Key Vault Secrets User"] });
  await first.control("PUT", "/role-assignments", { vault: "other", actions: [] });
  await first.control("PUT", "/access-policies", { vault: "demo", secrets: ["list"] });
  await first.control("PUT", "/applications", { enabled: false });
  await first.stop();

  const second = await openLab({ dataDir });
  const form = { grant_type: "client_credentials", scope: "https://vault.azure.net/.default" };
  const body = new URLSearchParams({ ...form, client_id: first.ready.client_id, client_secret: first.ready.client_secret }).toString();
  const login = await second.https("POST", `${second.ready.authority_host}/${second.ready.tenant_id}/oauth2/v2.0/token`, { body });
  expect(login.json.error_codes).toEqual([7000112]);
  await second.control("PUT", "/applications", { enabled: true });

  expect((await second.vault("GET", "/secrets")).json.value).toEqual([]);
  expect((await second.vault("PUT", "/secrets/x", { value: "w" })).json.error.innererror).toEqual({ code: "ForbiddenByRbac" });
  await second.control("PUT", "/settings", { access: { demo: "policies" } });
  expect((await second.vault("GET", "/secrets/x")).json.error.innererror).toEqual({ code: "ForbiddenByPolicy" });
  const throttled = await second.vault("GET", "/secrets");
  expect([throttled.status, throttled.headers["retry-after"]]).toEqual([429, "9"]);
  const headers = { authorization: `Bearer ${await second.token()}` };
  const other = await second.https("GET", `${second.ready.vaults[1]?.direct_url}/secrets?api-version=7.4`, { headers });
  expect(other.json.error.innererror).toEqual({ code: "ForbiddenByConnection" });
});

test("a data folder brings back roles, their delay, custom roles and storage accounts with their keys", async () => {
  const dataDir = join(parent, "arm");
  const clock = handClock();
  const first = await openLab({ dataDir, clock });
  const management = "https://management.azure.com/";
  const [machineId, group] = [
    first.ready.managed_identities.system_assigned.object_id,
    `/subscriptions/${first.ready.subscription_id}/resourceGroups/local`,
  ];
  const owner = armOf(first, await first.token(`${management}.default`));
  await first.control("PUT", "/role-assignments", { principal: machineId, roles: [] });
  await first.control("PUT", "/settings", { delays: { role: 60_000 }, arm: { retryAfter: 7 } });
  await first.control("PUT", "/storage-accounts/kept0000", { active_directory: true });
  const custom = `${group}/providers/Microsoft.Authorization/roleDefinitions/11111111-2222-3333-4444-555555555555`;
  const permissions = [{ dataActions: ["Microsoft.KeyVault/vaults/secrets/*"] }];
  await owner("PUT", custom, { properties: { roleName: "Own", permissions, assignableScopes: [group] } });
  const id = `${group}/providers/Microsoft.Authorization/roleAssignments/66666666-7777-8888-9999-000000000000`;
  await owner("PUT", id, { properties: { roleDefinitionId: custom, principalId: machineId } });
  const keys = `${group}/providers/Microsoft.Storage/storageAccounts/kept0000/listKeys?api-version=2024-01-01&$expand=kerb`;
  const before = (await owner("POST", keys)).json;
  await first.stop();

  const second = await openLab({ dataDir, clock });
  expect(second.ready.storage_accounts).toEqual([{ name: "demostorage" }, { name: "kept0000" }]);
  const again = armOf(second, await second.token(`${management}.default`));
  const same = JSON.stringify((await again("POST", keys)).json) === JSON.stringify(before);
  expect([same, before.keys.length]).toEqual([true, 4]);
  expect((await again("GET", id)).json.properties.principalId).toBe(machineId);
  const token = await machineToken(second, "https://vault.azure.net");
  expect((await second.vault("GET", "/secrets", undefined, { token })).status).toBe(403);
  clock.advance(60_000);
  expect((await second.vault("GET", "/secrets", undefined, { token })).status).toBe(200);
  expect((await second.vault("GET", "/certificates", undefined, { token })).status).toBe(403);
  await second.stop();

  // As an earlier local Azure wrote it: what control granted were patterns of the data plane.
  const file = join(dataDir, "emulator.json");
  const { founders: _, assignments: __, definitions: ___, storage: ____, ...stored } = JSON.parse(readFileSync(file, "utf8"));
  delete stored.settings.arm;
  stored.grants = [{ principal: machineId, vault: "*", actions: ["Microsoft.KeyVault/vaults/certificates/*"] }];
  writeFileSync(file, JSON.stringify(stored));
  const third = await openLab({ dataDir, clock });
  expect(third.ready.storage_accounts).toEqual([{ name: "demostorage" }]);
  expect((await third.vault("GET", "/secrets", undefined, { token })).status).toBe(403);
  expect((await third.vault("GET", "/certificates", undefined, { token })).status).toBe(200);
  const machine = armOf(third, await machineToken(third, management));
  expect((await machine("GET", `${group}/providers/Microsoft.KeyVault/vaults`)).status).toBe(200);
  expect((await third.vault("GET", "/secrets")).status).toBe(200);
});

test("without a data folder every start is a new tenant with a new authority", async () => {
  const [left, right] = [await openLab(), await openLab()];
  expect(left.ready.tenant_id).not.toBe(right.ready.tenant_id);
  expect(left.ca.equals(right.ca)).toBe(false);
});

test("a second local Azure on a data folder is refused in one sentence, and harms nothing", async () => {
  const dataDir = join(parent, "shared");
  const first = await openLab({ dataDir });
  const before = readFileSync(join(dataDir, "emulator.json"));
  await expect(startEmulator({ dataDir })).rejects.toMatchObject({
    name: "StartRefused",
    why: "in use",
    message: `Another local Azure is running on the data folder ${dataDir}.`,
  });
  expect(readFileSync(join(dataDir, "emulator.json")).equals(before)).toBe(true);
  expect((await first.vault("PUT", "/secrets/still", { value: "mine" })).status).toBe(200);
  await first.stop();
  expect((await (await openLab({ dataDir })).vault("GET", "/secrets/still")).json.value).toBe("mine");
});

test("a data folder whose holder was killed is taken over; one whose holder only sleeps is not", async () => {
  const dataDir = join(parent, "crashed");
  const program = `
    const { startEmulator } = await import(${JSON.stringify(new URL("../../src/emulator/index.ts", import.meta.url).href)});
    const { ready } = await startEmulator({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(ready.client_secret);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  child.kill("SIGSTOP");
  await expect(startEmulator({ dataDir })).rejects.toMatchObject({ why: "in use" });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect((await openLab({ dataDir })).ready.client_secret).toBe(line.toString().trim());
});

test("a start that fails lets go of the data folder", async () => {
  const dataDir = join(parent, "failed");
  await expect(startEmulator({ dataDir, vaults: ["Not_A_Vault"] })).rejects.toMatchObject({ why: "unusable" });
  await openLab({ dataDir });
});

test("what a start cannot work with is refused in one sentence, and nothing is left behind", async () => {
  const { ready } = await openLab();
  const port = Number(new URL(ready.authority_host).port);
  const message = `Something else listens on port ${port}.`;
  await expect(startEmulator({ port })).rejects.toMatchObject({ why: "in use", message });
  await expect(startEmulator({ proxyPort: port })).rejects.toMatchObject({ why: "in use", message });
  await expect(startEmulator({ vaults: ["Not_A_Vault"] })).rejects.toThrow('"Not_A_Vault" is no vault name');

  const file = join(parent, "file");
  writeFileSync(file, "");
  await expect(startEmulator({ dataDir: file })).rejects.toMatchObject({ why: "unusable", message: expect.stringContaining(file) });
  for (const [text, words] of [
    ["{", "cannot be read"],
    ['{"version":1}', "another version"],
  ] as const) {
    const dataDir = mkdtempSync(join(parent, "bad-"));
    writeFileSync(join(dataDir, "emulator.json"), text);
    await expect(startEmulator({ dataDir })).rejects.toMatchObject({ why: "unusable", message: expect.stringContaining(words) });
  }
});

test("the command says conflict for what is taken and usage for what cannot be", async () => {
  const dataDir = join(parent, "command");
  const { ready } = await openLab({ dataDir });
  const { usc, clean } = cli();
  const start = ["emulator", "start", "--no-register"];
  const port = new URL(ready.authority_host).port;
  const failures = [];
  for (const flags of [
    ["--data-dir", dataDir],
    ["--port", port],
    ["--vault", "No"],
  ])
    failures.push((await usc([...start, ...flags])).failure);
  expect(failures).toEqual([
    {
      error: `Another local Azure is running on the data folder ${dataDir}.`,
      code: "conflict",
      hint: "Stop it, or give --data-dir another folder.",
    },
    { error: `Something else listens on port ${port}.`, code: "conflict", hint: "Give another port, or none for a free one." },
    { error: expect.stringContaining('"No" is no vault name'), code: "usage" },
  ]);
  clean();
});

test("a data folder brings back certificates, their secrets and what is pending, and one of an earlier local Azure opens", async () => {
  const dataDir = join(parent, "certificates");
  const first = await openLab({ dataDir });
  await first.control("PUT", "/settings", { delays: { issue: 0 } });
  const policy = { issuer: { name: "Self" }, x509_props: { subject: "CN=kept" }, key_props: { kty: "EC" } };
  await first.vault("POST", "/certificates/kept/create", { policy });
  await first.vault("POST", "/certificates/waiting/create", { policy: { ...policy, issuer: { name: "Unknown" } } });
  const made = (await first.vault("GET", "/certificates/kept")).json;
  const secret = (await first.vault("GET", "/secrets/kept")).json;
  await first.stop();

  const second = await openLab({ dataDir });
  expect((await second.vault("GET", "/certificates/kept")).json).toEqual(made);
  expect((await second.vault("GET", "/secrets/kept")).json).toEqual(secret);
  expect((await second.vault("GET", "/certificates/waiting/pending")).json.status).toBe("inProgress");
  await second.stop();

  const file = join(dataDir, "emulator.json");
  const stored = JSON.parse(readFileSync(file, "utf8"));
  for (const vault of stored.vaults) {
    delete vault.certificates;
    for (const each of vault.properties.accessPolicies) delete each.certificates;
  }
  delete stored.settings.delays.issue;
  writeFileSync(file, JSON.stringify(stored));
  const third = await openLab({ dataDir });
  await third.control("PUT", "/settings", { access: "policies" });
  expect((await third.vault("GET", "/certificates")).json.value).toEqual([]);
  expect((await third.vault("POST", "/certificates/new/create", { policy })).status).toBe(202);
});
