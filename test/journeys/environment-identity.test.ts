import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure();
afterAll(() => lab.stop());
const { ready, control, usc } = lab;
const whole = { AZURE_TENANT_ID: ready.tenant_id, AZURE_CLIENT_ID: ready.client_id, AZURE_CLIENT_SECRET: ready.client_secret };
const get = (env: Record<string, string>) => usc(["get", "--usc-name", "env", "-s", "x", "-o", "raw"], { env });

await control("/secrets/demo/x", "PUT", { value: "v4lue" });
await usc(["target", "create", "azure", "--name", "env", "--azure-cloud", "lab", "--connection-type", "environment"]);
await usc(["create-usc", "--name", "env", "--target-to-associate", "env", "--azure-kv-name", "demo"]);

describe("a target of the environment, whose token is remembered", () => {
  beforeEach(async () => {
    expect((await get(whole)).stdout).toBe("v4lue");
    await control("/requests", "DELETE");
  });

  const { AZURE_TENANT_ID: _tenant, ...noTenant } = whole;
  const { AZURE_CLIENT_ID: _client, ...noClient } = whole;
  const { AZURE_CLIENT_SECRET: _secret, ...noProof } = whole;
  it.each<[string, Record<string, string>, RegExp]>([
    ["nothing", {}, /AZURE_TENANT_ID, AZURE_CLIENT_ID and one of AZURE_CLIENT_SECRET, .* are not set\.$/u],
    ["no tenant", noTenant, /: AZURE_TENANT_ID is not set beside AZURE_CLIENT_ID and AZURE_CLIENT_SECRET\.$/u],
    ["no client", noClient, /: AZURE_CLIENT_ID is not set beside AZURE_TENANT_ID and AZURE_CLIENT_SECRET\.$/u],
    ["no proof", noProof, /: one of AZURE_CLIENT_SECRET, .* is not set beside AZURE_TENANT_ID and AZURE_CLIENT_ID\.$/u],
    ["an empty proof", { ...whole, AZURE_CLIENT_SECRET: "" }, /: one of AZURE_CLIENT_SECRET, .* is not set beside/u],
    [
      "two proofs",
      { ...whole, AZURE_FEDERATED_TOKEN_FILE: "/canary-path" },
      /: AZURE_CLIENT_SECRET and AZURE_FEDERATED_TOKEN_FILE are set/u,
    ],
    ["another login", { ...whole, AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com" }, /: AZURE_AUTHORITY_HOST is not the login/u],
  ])("%s: usage that names the variables, and no request at all", async (_, env, sentence) => {
    for (const argv of [
      ["get", "--usc-name", "env", "-s", "x"],
      ["target", "test", "--name", "env"],
      ["fetch-vaults", "--target-name", "env"],
    ]) {
      const ran = await usc(argv, { env });
      expect([ran.exit, ran.stdout, ran.failure.code]).toEqual([2, "", "usage"]);
      expect(ran.failure.error).toMatch(sentence);
      expect(ran.stderr.includes(ready.client_secret) || ran.stderr.includes("canary")).toBe(false);
    }
    expect(await lab.requests()).toEqual([]);
  });

  it("an empty variable is none, and the remembered token goes on", async () => {
    const env = { ...whole, AZURE_CLIENT_CERTIFICATE_PATH: "", AZURE_FEDERATED_TOKEN_FILE: "", AZURE_AUTHORITY_HOST: "" };
    expect((await get(env)).stdout).toBe("v4lue");
    expect((await lab.requests()).map(({ path }) => path.includes("/oauth2/"))).toEqual([false]);
  });

  it("another secret is another login: the token of the right one is not used", async () => {
    const ran = await usc(["get", "--usc-name", "env", "-s", "x"], { env: { ...whole, AZURE_CLIENT_SECRET: "wr0ng-canary" } });
    expect([ran.exit, ran.stdout, ran.failure.error]).toEqual([
      5,
      "",
      expect.stringContaining("the client secret is wrong (AADSTS7000215)"),
    ]);
    expect(ran.stderr).not.toContain("wr0ng-canary");
  });
});
