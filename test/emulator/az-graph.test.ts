import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { opensslFolder } from "./openssl.ts";
import { openGraphLab } from "./graph-lab.ts";

const run = promisify(execFile);
const root = new URL("../..", import.meta.url).pathname;
const lab = await openGraphLab({ proxyPort: 0 });
const { ready } = lab;
const tool = opensslFolder();
await run("sh", ["tools/python/install.sh", "az", "--no-deps"], { cwd: root });

/** The Azure CLI, unmodified. Answers what it printed as JSON; throws what it said on stderr. */
// Answers are looked into freely: a wrong guess fails the test that made it.
// oxlint-disable-next-line typescript/no-explicit-any
async function az(...words: string[]): Promise<any> {
  const { stdout } = await run("python3", ["-m", "azure.cli", ...words], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      PYTHONPATH: `${root}/.tools/az`,
      HTTPS_PROXY: ready.proxy_url,
      REQUESTS_CA_BUNDLE: ready.ca_file,
      AZURE_CONFIG_DIR: tool.path("az"),
      AZURE_CORE_COLLECT_TELEMETRY: "0",
      AZURE_CORE_ONLY_SHOW_ERRORS: "1",
    },
  });
  return stdout === "" ? undefined : JSON.parse(stdout);
}

const slow = { timeout: 600_000 };
const names = (rows: { displayName: string | null }[]): (string | null)[] => rows.map(({ displayName }) => displayName);
await az("login", "--service-principal", "--username", ready.client_id, "--tenant", ready.tenant_id, "--password", ready.client_secret);

test(
  "az ad app credential reset, list and delete find the application by either id, and the secret logs in until it is deleted",
  slow,
  async () => {
    const { id, appId, secret } = await lab.newClient("rotated");
    const added = await az("ad", "app", "credential", "reset", "--id", appId, "--append", "--display-name", "by az", "--years", "1");
    expect(added).toMatchObject({ appId, tenant: ready.tenant_id });
    const both = await az("ad", "app", "credential", "list", "--id", id);
    expect(names(both)).toEqual(["rotated", "by az"]);
    expect(await lab.login({ appId, secret: added.password })).toMatchObject({ appid: appId });
    await az("ad", "app", "credential", "delete", "--id", appId, "--key-id", both[1].keyId);
    expect(await lab.login({ appId, secret: added.password })).toBe("401 7000215");
    // Without --append all that was there goes.
    const alone = await az("ad", "app", "credential", "reset", "--id", id);
    expect(names(await az("ad", "app", "credential", "list", "--id", appId))).toEqual([null]);
    expect([await lab.login({ appId, secret }), typeof (await lab.login({ appId, secret: alone.password }))]).toEqual([
      "401 7000215",
      "object",
    ]);
    await expect(az("ad", "app", "credential", "delete", "--id", appId, "--key-id", both[1].keyId)).rejects.toMatchObject({
      stderr: expect.stringContaining("No password credential found with keyId"),
    });
  },
);

test("az ad app credential reset rotates the very application that az is logged in as", slow, async () => {
  const { password } = await az("ad", "app", "credential", "reset", "--id", ready.client_id, "--append");
  expect(await lab.login({ appId: ready.client_id, secret: password })).toMatchObject({ appid: ready.client_id });
});

test("az ad sp create-for-rbac makes a client that logs in, again the same one by its name, and says what is denied", slow, async () => {
  const { appId, password, tenant } = await az("ad", "sp", "create-for-rbac", "--name", "rbac");
  expect([tenant, typeof (await lab.login({ appId, secret: password }))]).toEqual([ready.tenant_id, "object"]);
  expect((await az("ad", "sp", "show", "--id", appId)).displayName).toBe("rbac");
  const again = await az("ad", "sp", "create-for-rbac", "--name", "rbac");
  expect([again.appId, await lab.login({ appId, secret: password })]).toEqual([appId, "401 7000215"]);
  await az("ad", "sp", "delete", "--id", appId);
  await az("ad", "app", "delete", "--id", appId);
  await expect(az("ad", "app", "show", "--id", appId)).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining("does not exist"),
  });
  await expect(az("ad", "signed-in-user", "show")).rejects.toMatchObject({
    stderr: expect.stringContaining("delegated authentication flow"),
  });
});

test("az ad sp create-for-rbac waits until ARM knows the principal, and its role counts in that vault alone", slow, async () => {
  await lab.control("PUT", "/settings", { delays: { role: 0 }, replication: { servicePrincipals: 1_000, arm: 3_000 } });
  const scope = `/subscriptions/${ready.subscription_id}/resourceGroups/local/providers/Microsoft.KeyVault/vaults/demo`;
  const role = ["--role", "Key Vault Secrets Officer", "--scopes", scope];
  const { appId, password } = await az("ad", "sp", "create-for-rbac", "--name", "officer", ...role);
  await lab.control("PUT", "/settings", { replication: 0 });
  const asked = (await lab.control("GET", "/requests")).json.requests.filter(
    ({ method, path }: Record<string, string>) => method === "PUT" && path?.includes("/roleAssignments/"),
  );
  expect(asked.map(({ status }: { status: number }) => status)).toEqual([400, 201]);
  const token = await lab.tokenOf({ appId, secret: password }, "https://vault.azure.net/.default");
  expect((await lab.vault("PUT", "/secrets/by-officer", { value: "v" }, { token })).status).toBe(200);
  const headers = { authorization: `Bearer ${token}` };
  const other = await lab.https("GET", `${ready.vaults[1]?.direct_url}/secrets?api-version=7.4`, { headers });
  expect(other.json.error.innererror).toEqual({ code: "ForbiddenByRbac" });
  expect((await az("role", "assignment", "list", "--assignee", appId, "--scope", scope))[0]).toMatchObject({
    principalName: appId,
    principalType: "ServicePrincipal",
    roleDefinitionName: "Key Vault Secrets Officer",
  });
});

test("az ad user update sets a password, and az ad group member adds and removes", slow, async () => {
  const made = await az(
    "ad",
    "user",
    "create",
    "--display-name",
    "Ada",
    "--user-principal-name",
    "ada@local.onmicrosoft.com",
    "--password",
    "Correct-Horse-1",
  );
  await az("ad", "user", "update", "--id", made.userPrincipalName, "--password", "Another-Horse-2");
  await expect(az("ad", "user", "update", "--id", made.id, "--password", "short")).rejects.toMatchObject({
    stderr: expect.stringContaining("does not comply with password complexity requirements"),
  });
  const group = (await az("ad", "group", "create", "--display-name", "team", "--mail-nickname", "team")).id;
  const member = ["--group", group, "--member-id", made.id];
  await az("ad", "group", "member", "add", ...member);
  expect(await az("ad", "group", "member", "check", ...member)).toEqual({ value: true });
  expect(await az("ad", "group", "member", "list", "--group", group)).toMatchObject([{ id: made.id, displayName: "Ada" }]);
  await az("ad", "group", "member", "remove", ...member);
  expect(await az("ad", "group", "member", "check", ...member)).toEqual({ value: false });
});
