import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { opensslFolder } from "./openssl.ts";
import { openLab } from "./support.ts";

const run = promisify(execFile);
const root = new URL("../..", import.meta.url).pathname;
const lab = await openLab({ proxyPort: 0 });
const { ready } = lab;
const tool = opensslFolder();
const vault = ["--vault-name", "demo"];
await run("sh", ["tools/python/install.sh", "az", "--no-deps"], { cwd: root });
await lab.control("PUT", "/settings", { delays: { delete: 0, recover: 0, purge: 0, issue: 0 } });

/** The Azure CLI, unmodified, started as its own script starts it. Answers what it printed as JSON; throws what it said on stderr. */
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
      AZURE_POD_IDENTITY_AUTHORITY_HOST: ready.imds,
      AZURE_CONFIG_DIR: tool.path("az"),
      AZURE_CORE_COLLECT_TELEMETRY: "0",
      AZURE_CORE_ONLY_SHOW_ERRORS: "1",
    },
  });
  return stdout === "" ? undefined : JSON.parse(stdout);
}

const who = ["--service-principal", "--username", ready.client_id, "--tenant", ready.tenant_id];

test(
  "az login finds the subscription, by secret, by certificate and as a machine; a wrong secret is Entra's refusal",
  { timeout: 600_000 },
  async () => {
    await expect(az("login", ...who, "--password", "wrong")).rejects.toMatchObject({ stderr: expect.stringContaining("AADSTS7000215") });
    const { key, certificate } = tool.pair("client", "/CN=client");
    tool.write("client.pem", key + certificate);
    await lab.control("PUT", "/applications", { certificates: [certificate] });
    const shown = { id: ready.subscription_id, tenantId: ready.tenant_id, state: "Enabled" };
    expect(await az("login", "--identity")).toMatchObject([
      { ...shown, user: { type: "servicePrincipal", name: "systemAssignedIdentity" } },
    ]);
    expect(await az("login", ...who, "--certificate", tool.path("client.pem"))).toMatchObject([shown]);
    expect(await az("login", ...who, "--password", ready.client_secret)).toMatchObject([{ ...shown, user: { name: ready.client_id } }]);
  },
);

test("az keyvault list and show find the vaults, and say what ARM says when a role is missing", { timeout: 600_000 }, async () => {
  expect((await az("keyvault", "list")).map(({ name }: { name: string }) => name)).toEqual(["demo", "other"]);
  const { properties } = await az("keyvault", "show", "--name", "demo");
  expect(properties).toMatchObject({
    vaultUri: "https://demo.vault.azure.net/",
    enableRbacAuthorization: true,
    softDeleteRetentionInDays: 90,
  });
  await lab.control("PUT", "/role-assignments", { roles: ["Key Vault Secrets User"] });
  await expect(az("keyvault", "show", "--name", "demo", "--resource-group", "local")).rejects.toMatchObject({
    stderr: expect.stringContaining("(AuthorizationFailed) The client"),
  });
  await lab.control("PUT", "/role-assignments", { actions: ["*"] });
});

test("az keyvault secret writes what others read, and reads what others wrote, byte for byte", { timeout: 600_000 }, async () => {
  const text = "line\nline\r\n";
  const made = await az("keyvault", "secret", "set", ...vault, "--name", "one", "--value", text, "--tags", "a=1");
  expect([made.tags, (await lab.vault("GET", "/secrets/one")).json.value]).toEqual([{ a: "1", "file-encoding": "utf-8" }, text]);
  await lab.vault("PUT", "/secrets/two", { value: text, contentType: "text/plain" });
  expect(await az("keyvault", "secret", "show", ...vault, "--name", "two")).toMatchObject({ value: text, contentType: "text/plain" });
  expect((await az("keyvault", "secret", "list", ...vault)).map(({ name }: { name: string }) => name)).toEqual(["one", "two"]);
  await az("keyvault", "secret", "set-attributes", ...vault, "--name", "one", "--enabled", "false");
  await expect(az("keyvault", "secret", "show", ...vault, "--name", "one")).rejects.toMatchObject({
    stderr: expect.stringContaining("Operation get is not allowed on a disabled secret."),
  });
  await az("keyvault", "secret", "delete", ...vault, "--name", "one");
  expect(await az("keyvault", "secret", "list-deleted", ...vault)).toMatchObject([{ name: "one" }]);
  await az("keyvault", "secret", "recover", ...vault, "--name", "one");
  await az("keyvault", "secret", "delete", ...vault, "--name", "one");
  await az("keyvault", "secret", "purge", ...vault, "--name", "one");
  await expect(az("keyvault", "secret", "show", ...vault, "--name", "one")).rejects.toMatchObject({ code: 3 });
});

test(
  "az keyvault certificate creates, imports, downloads, changes, deletes, recovers, purges and restores",
  { timeout: 600_000 },
  async () => {
    const name = (of: string): string[] => [...vault, "--name", of];
    const policy = await az("keyvault", "certificate", "get-default-policy");
    const created = await az("keyvault", "certificate", "create", ...name("own"), "--policy", JSON.stringify(policy));
    expect([created.status, created.target]).toEqual(["completed", "https://demo.vault.azure.net/certificates/own"]);

    const { key, certificate } = tool.pair("site", "/CN=site.example");
    tool.write("site.pem", key + certificate);
    tool.pfx("site", "word");
    const pem = await az("keyvault", "certificate", "import", ...name("pem"), "--file", tool.path("site.pem"));
    const pfx = await az("keyvault", "certificate", "import", ...name("pfx"), "--file", tool.path("site.pfx"), "--password", "word");
    expect([pem, pfx].map(({ policy: { secretProperties } }) => secretProperties.contentType)).toEqual([
      "application/x-pem-file",
      "application/x-pkcs12",
    ]);
    expect(pem.x509ThumbprintHex).toBe(pfx.x509ThumbprintHex);
    await az("keyvault", "certificate", "download", ...name("pfx"), "--file", tool.path("down.pem"));
    expect(new X509Certificate(readFileSync(tool.path("down.pem"))).raw).toEqual(new X509Certificate(certificate).raw);
    await az("keyvault", "secret", "download", ...name("pem"), "--file", tool.path("secret.pem"));
    expect(readFileSync(tool.path("secret.pem"), "utf8")).toBe(key + certificate);

    const listed = await az("keyvault", "certificate", "list", ...vault);
    expect(listed.map((row: { name: string }) => row.name)).toEqual(["own", "pem", "pfx"]);
    expect((await az("keyvault", "key", "show", ...name("own"))).key.kty).toBe("RSA");
    expect(
      (await az("keyvault", "certificate", "set-attributes", ...name("pem"), "--enabled", "false", "--tags", "b=2")).attributes.enabled,
    ).toBe(false);

    await az("keyvault", "certificate", "backup", ...name("pfx"), "--file", tool.path("backup"));
    await az("keyvault", "certificate", "delete", ...name("pfx"));
    expect(await az("keyvault", "certificate", "list-deleted", ...vault)).toMatchObject([{ name: "pfx" }]);
    expect((await az("keyvault", "certificate", "recover", ...name("pfx"))).name).toBe("pfx");
    await az("keyvault", "certificate", "delete", ...name("pfx"));
    await az("keyvault", "certificate", "purge", ...name("pfx"));
    expect((await az("keyvault", "certificate", "restore", ...vault, "--file", tool.path("backup"))).name).toBe("pfx");
    await expect(az("keyvault", "certificate", "show", ...name("nobody"))).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining("(CertificateNotFound) A certificate with (name/id) nobody was not found in this key vault."),
    });
  },
);

test(
  "az storage account keys lists and renews, and az role assignment gives and takes a role on a vault",
  { timeout: 600_000 },
  async () => {
    const account = ["--account-name", "demostorage", "--resource-group", "local"];
    interface Key {
      keyName: string;
      value: string;
      creationTime: string;
    }
    const before: Key[] = await az("storage", "account", "keys", "list", ...account);
    const after: Key[] = await az("storage", "account", "keys", "renew", ...account, "--key", "secondary");
    // Values are compared, never shown.
    expect(after.map(({ keyName, value }, index) => [keyName, value === before[index]?.value])).toEqual([
      ["key1", true],
      ["key2", false],
    ]);
    const kerberos = ["--key", "primary", "--key-type", "kerb"];
    await expect(az("storage", "account", "keys", "renew", ...account, ...kerberos)).rejects.toMatchObject({
      stderr: expect.stringContaining("(InvalidValuesForRequestParameters)"),
    });
    await lab.control("PUT", "/storage-accounts/demostorage", { active_directory: true });
    expect(await az("storage", "account", "keys", "renew", ...account, ...kerberos)).toHaveLength(4);

    const role = "Key Vault Secrets Officer";
    const principalId = ready.managed_identities.system_assigned.object_id;
    const scope = `/subscriptions/${ready.subscription_id}/resourceGroups/local/providers/Microsoft.KeyVault/vaults/demo`;
    const assignee = ["--assignee-object-id", principalId];
    const create = [
      "role",
      "assignment",
      "create",
      "--role",
      role,
      "--scope",
      scope,
      ...assignee,
      "--assignee-principal-type",
      "ServicePrincipal",
    ];
    const made = await az(...create);
    expect(made).toMatchObject({ principalId, scope, principalType: "ServicePrincipal" });
    expect((await az(...create)).id).toBe(made.id);
    expect(await az("role", "assignment", "list", "--scope", scope, ...assignee)).toMatchObject([
      { id: made.id, roleDefinitionName: role },
    ]);
    await az("role", "assignment", "delete", "--scope", scope, "--role", role, ...assignee);
    expect(await az("role", "assignment", "list", "--all")).toEqual([]);
  },
);
