import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { opensslFolder } from "../emulator/openssl.ts";
import { canaries } from "../support/canary.ts";
import { azPrints, fakeAz } from "../support/fake-az.ts";
import { issuer } from "../support/issuer.ts";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const { ready, control, usc, folder, home, said } = lab;
const { system_assigned: system, user_assigned: user } = ready.managed_identities;
const tool = opensslFolder();
const pair = tool.pair("client", "/CN=client");
tool.write("client.pem", pair.key + pair.certificate);
tool.pfx("client", "pfx-passw0rd");
const cluster = issuer();
const subject = "system:serviceaccount:ns:app";
const tokenFile = join(folder, "token");
const ids = ["--tenant-id", ready.tenant_id, "--client-id", ready.client_id];
const imds = { AZURE_POD_IDENTITY_AUTHORITY_HOST: ready.imds };
const appService = { IDENTITY_ENDPOINT: ready.app_service.endpoint, IDENTITY_HEADER: ready.app_service.header };
const inEnvironment = { AZURE_TENANT_ID: ready.tenant_id, AZURE_CLIENT_ID: ready.client_id };

beforeEach(async () => {
  writeFileSync(tokenFile, cluster.token(subject));
  await control("/applications", "PUT", {
    certificates: [pair.certificate],
    federated_credentials: [{ ...cluster.credential(subject), jwks: cluster.jwks }],
  });
  await control("/secrets/demo/x", "PUT", { value: "v4lue" });
});

let made = 0;
/** A new target and connector, and what its login, its vaults and a read say. */
async function tried(flags: readonly string[], env: Record<string, string> = {}) {
  made += 1;
  const name = `t${made}`;
  const target = await usc(["target", "create", "azure", "--name", name, "--azure-cloud", "lab", ...flags], { env });
  expect([target.exit, target.stderr]).toEqual([0, ""]);
  expect((await usc(["create-usc", "--name", `kv${made}`, "--target-to-associate", name, "--azure-kv-name", "demo"])).exit).toBe(0);
  const tested = await usc(["target", "test", "--name", name], { env });
  const got = await usc(["get", "--usc-name", `kv${made}`, "-s", "x", "-o", "raw"], { env });
  return { name, tested, got };
}

const pem = ["--connection-type", "certificate", ...ids, "--client-certificate-file", tool.path("client.pem")];
const managed = ["--connection-type", "managed-identity"];
const workload = ["--connection-type", "workload-identity", ...ids, "--federated-token-file", tokenFile];
const application = { client_id: ready.client_id, tenant_id: ready.tenant_id };
const ofSystem = { client_id: system.client_id, object_id: system.object_id, tenant_id: ready.tenant_id };
const ofUser = { client_id: user.client_id, object_id: user.object_id, tenant_id: ready.tenant_id };

describe("a target logs in", () => {
  it.each<[string, string, string[], Record<string, string>, object]>([
    ["by a certificate in PEM", "certificate", pem, {}, application],
    ["by a certificate that shows its chain", "certificate", [...pem, "--send-certificate-chain"], {}, application],
    [
      "by a certificate in a PFX",
      "certificate",
      [...pem.slice(0, -1), tool.path("client.pfx"), "--client-certificate-password", "pfx-passw0rd"],
      {},
      application,
    ],
    ["by the token that the platform keeps in a file", "workload-identity", workload, {}, application],
    ["as the machine", "managed-identity", managed, imds, ofSystem],
    ["as the machine, in Akeyless' word", "managed-identity", ["--connection-type", "cloud-identity"], imds, ofSystem],
    ["as the machine, by Akeyless' older flag", "managed-identity", ["-i"], imds, ofSystem],
    ["as the machine, whose tenant is stated", "managed-identity", [...managed, "--tenant-id", ready.tenant_id], imds, ofSystem],
    ["as an identity by its client id", "managed-identity", [...managed, "--managed-identity-client-id", user.client_id], imds, ofUser],
    ["as an identity by its object id", "managed-identity", [...managed, "--managed-identity-object-id", user.object_id], imds, ofUser],
    [
      "as an identity by its resource id",
      "managed-identity",
      [...managed, "--managed-identity-resource-id", user.resource_id],
      imds,
      ofUser,
    ],
    ["as the app of an App Service", "managed-identity", managed, appService, ofSystem],
    [
      "as an identity of an App Service, by its client id",
      "managed-identity",
      [...managed, "--managed-identity-client-id", user.client_id],
      appService,
      ofUser,
    ],
    [
      "as an identity of an App Service, by its object id",
      "managed-identity",
      [...managed, "--managed-identity-object-id", user.object_id],
      appService,
      ofUser,
    ],
    [
      "as an identity of an App Service, by its resource id",
      "managed-identity",
      [...managed, "--managed-identity-resource-id", user.resource_id],
      appService,
      ofUser,
    ],
    [
      "as the environment says, by a secret",
      "environment",
      ["--connection-type", "environment"],
      { ...inEnvironment, AZURE_CLIENT_SECRET: ready.client_secret },
      application,
    ],
    [
      "as the environment says, by a PFX",
      "environment",
      ["--connection-type", "environment"],
      { ...inEnvironment, AZURE_CLIENT_CERTIFICATE_PATH: tool.path("client.pfx"), AZURE_CLIENT_CERTIFICATE_PASSWORD: "pfx-passw0rd" },
      application,
    ],
    [
      "as the environment says, by a token file",
      "environment",
      ["--connection-type", "environment"],
      { ...inEnvironment, AZURE_FEDERATED_TOKEN_FILE: tokenFile, AZURE_AUTHORITY_HOST: `${ready.authority_host}/` },
      application,
    ],
  ])("%s, and reads", async (_, type, flags, env, whom) => {
    const { name, tested, got } = await tried(flags, { ...env, HTTPS_PROXY: "" });
    expect([tested.exit, tested.stderr]).toEqual([0, ""]);
    expect(tested.json).toMatchObject({ connection_type: type, ...whom, vaults: [{ status: "ok" }] });
    expect([got.exit, got.stdout]).toEqual([0, "v4lue"]);
    expect((await usc(["target", "get", "--name", name])).json).toMatchObject({ connection_type: type });
    const details = (await usc(["target", "get-details", "--name", name])).json as { value: { azure_target_details: object } };
    expect(details.value.azure_target_details).toMatchObject({
      connection_type: type,
      use_gw_cloud_identity: type === "managed-identity",
    });
  });

  it("as whoever is logged in to az, which runs once, outside the current folder, without anything of ours", async () => {
    const token = (await (
      await fetch(`${ready.imds}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net`, {
        headers: { metadata: "true" },
      })
    ).json()) as { access_token: string };
    const az = fakeAz(join(folder, "az"), azPrints(token.access_token, Math.floor(Date.now() / 1000) + 3600));
    const env = { PATH: `.:${az.path}:${process.env["PATH"]}`, USC_MASTER_KEY_NOTE: "canary-of-ours" };
    const { tested, got } = await tried(["--connection-type", "azure-cli", "--tenant-id", ready.tenant_id], env);
    expect([tested.stderr, tested.json]).toEqual([
      "",
      expect.objectContaining({ connection_type: "azure-cli", tenant_id: ready.tenant_id }),
    ]);
    expect(got.stdout).toBe("v4lue");
    const [where, ...words] = readFileSync(az.said, "utf8").split("\n");
    expect([where, words.slice(0, 8)]).toEqual([
      "/",
      ["account", "get-access-token", "--output", "json", "--resource", "https://vault.azure.net", "--tenant", ready.tenant_id],
    ]);
    expect(words.join("\n")).not.toContain("canary-of-ours");
    expect(words.find((line) => line.startsWith("PATH="))).not.toContain(".:");
    // The token is kept: the next read does not start az again.
    writeFileSync(az.said, "");
    expect((await usc(["get", "--usc-name", `kv${made}`, "-s", "x", "-o", "raw"], { env })).stdout).toBe("v4lue");
    expect(readFileSync(az.said, "utf8")).toBe("");
  });
});

it("the file's token is read anew at each login", async () => {
  const { name } = await tried(workload);
  writeFileSync(tokenFile, cluster.token("somebody else"));
  const ran = await usc(["target", "test", "--name", name]);
  expect([ran.exit, ran.failure.error]).toEqual([
    5,
    expect.stringMatching(/no federated credential .* fits the token of the file \(AADSTS700213\)/u),
  ]);
  writeFileSync(tokenFile, cluster.token(subject));
  expect((await usc(["target", "test", "--name", name])).exit).toBe(0);
});

it("a warm read loads no way to log in, whatever the type", async () => {
  const spy = join(folder, "spy.cjs");
  writeFileSync(spy, `process.on("exit", () => require("node:fs").writeSync(2, JSON.stringify(Object.keys(require.cache))));`);
  for (const [flags, env] of [
    [pem, {}],
    [workload, {}],
    [managed, imds],
  ] as const) {
    await tried(flags, env);
    const ran = await usc(["get", "--usc-name", `kv${made}`, "-s", "x", "-o", "raw"], { env, nodeFlags: ["--require", spy] });
    expect(ran.stdout).toBe("v4lue");
    const login = /(?:token|assertion|certificate|managed-identity|azure-cli|plain-http)-[\w-]+\.cjs/u;
    expect((JSON.parse(ran.stderr) as string[]).filter((file) => login.test(file))).toEqual([]);
  }
});

describe("a login that fails says why", () => {
  it.each<[string, string[], Record<string, string>, number, RegExp]>([
    [
      "no identity service",
      managed,
      { AZURE_POD_IDENTITY_AUTHORITY_HOST: "http://127.0.0.1:9" },
      7,
      /There is no managed identity on this machine: nothing answers at 127\.0\.0\.1:9\./u,
    ],
    [
      "an identity that the machine has not",
      [...managed, "--managed-identity-client-id", ready.tenant_id],
      imds,
      5,
      /This machine has no identity with the client id .*HTTP 400, invalid_request/u,
    ],
    [
      "the same on App Service",
      [...managed, "--managed-identity-object-id", ready.tenant_id],
      appService,
      5,
      /This machine has no identity with the object id .*HTTP 400/u,
    ],
    ["a wrong header", managed, { ...appService, IDENTITY_HEADER: "guess" }, 5, /refused the identity header \(HTTP 401\)/u],
    ["half of App Service", managed, { IDENTITY_ENDPOINT: ready.app_service.endpoint }, 2, /IDENTITY_HEADER is not/u],
    ["Azure Arc", managed, { IDENTITY_ENDPOINT: "http://localhost:40342/x", IMDS_ENDPOINT: "http://localhost:40342" }, 8, /Azure Arc/u],
    [
      "an identity service somewhere",
      managed,
      { AZURE_POD_IDENTITY_AUTHORITY_HOST: "http://example.org" },
      2,
      /not an http URL of this machine/u,
    ],
    ["no az", ["--connection-type", "azure-cli"], { PATH: "." }, 2, /The Azure CLI is not installed/u],
  ])("%s", async (_, flags, env, exit, sentence) => {
    const { tested, got } = await tried(flags, env);
    for (const ran of [tested, got]) {
      expect(ran.failure.error).toMatch(sentence);
      expect(ran.failure.hint).toBeDefined();
      expect([ran.exit, ran.stdout]).toEqual([exit, ""]);
    }
  });

  it.each<[string, string, number, RegExp]>([
    ["nobody is logged in", "echo 'ERROR: canary-az Please run az login' >&2; exit 1", 5, /^Nobody is logged in to az/u],
    [
      "a login that has ended",
      "echo 'AADSTS700082: canary-az' >&2; exit 1",
      5,
      /^az gave no token for the target \S+ \(AADSTS700082\)\.$/u,
    ],
    ["something else", "echo canary-az", 7, /^az answered with something that is no token\.$/u],
    ["silence", "sleep 60", 7, /^az did not answer in time\.$/u],
  ])("az: %s", async (what, script, exit, sentence) => {
    const az = fakeAz(join(folder, `az ${what}`), script);
    const env = { PATH: `${az.path}:${process.env["PATH"]}` };
    made += 1;
    await usc(["target", "create", "azure", "--name", `t${made}`, "--azure-cloud", "lab", "--connection-type", "azure-cli"]);
    const ran = await usc(["target", "test", "--name", `t${made}`, "--timeout", what === "silence" ? "1" : "30"], { env });
    expect([ran.exit, ran.failure.error]).toEqual([exit, expect.stringMatching(sentence)]);
    expect(ran.stderr).not.toContain("canary-az");
  });

  it("a vault of another tenant is told by the token's, before the vault sees it", async () => {
    const claims = { tid: "99999999-2222-4333-8444-555555555555", aud: "https://vault.azure.net" };
    const foreign = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
    const az = fakeAz(join(folder, "foreign"), azPrints(foreign, Math.floor(Date.now() / 1000) + 3600));
    const { tested, got } = await tried(["--connection-type", "azure-cli"], { PATH: `${az.path}:${process.env["PATH"]}` });
    for (const ran of [tested, got]) {
      expect(ran.failure.error).toMatch(
        new RegExp(`belongs to the tenant ${ready.tenant_id}, and the target /t\\d+ to ${claims.tid}`, "u"),
      );
      expect(ran.exit).toBe(5);
    }
    const asked = await lab.requests();
    expect(asked.at(-1)).toMatchObject({ status: 401 });
  });
});

it("neither the certificate's key nor a token of a file is left in the state, on a stream, or in what --verbose tells", async () => {
  for (const [flags, env] of [
    [pem, {}],
    [[...pem.slice(0, -1), tool.path("client.pfx"), "--client-certificate-password", "pfx-passw0rd"], {}],
    [workload, {}],
    [managed, appService],
  ] as const) {
    const { name } = await tried(flags, env);
    await usc(["target", "test", "--name", name, "--verbose"], { env });
    await control("/applications", "PUT", { certificates: [], federated_credentials: [] });
    await usc(["target", "test", "--name", name, "--verbose"], { env });
    await control("/applications", "PUT", {
      certificates: [pair.certificate],
      federated_credentials: [{ ...cluster.credential(subject), jwks: cluster.jwks }],
    });
  }
  // What get-details has shown before was asked for.
  const shown = said.filter((text) => !text.includes("azure_target_details")).join("\n");
  const keyLine = pair.key.split("\n")[8] ?? "";
  const token = readFileSync(tokenFile, "utf8");
  const found = [keyLine, token, token.split(".")[2] ?? "", "pfx-passw0rd", ready.app_service.header].map((value) =>
    canaries(value, { dir: home, texts: { shown } }),
  );
  expect(found).toEqual([[], [], [], [], []]);
});
