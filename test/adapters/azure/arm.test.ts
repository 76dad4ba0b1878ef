import { afterAll, afterEach, describe, expect, it } from "vitest";
import { azureVaultFinder } from "../../../src/adapters/azure/arm.ts";
import type { FoundVault } from "../../../src/features/targets/port.ts";
import { UscError } from "../../../src/kernel/errors.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { azureLab } from "./azure-lab.ts";
import { json, scriptedAzure, type ScriptedAzure } from "./scripted-azure.ts";

const names = ["alpha", "bravo", "charlie"];
const lab = await azureLab(names);
const scripted: ScriptedAzure = await scriptedAzure();
afterAll(async () => {
  scripted.stop();
  await lab.stop();
});
afterEach(async () => {
  await lab.control("DELETE", "/faults");
  await lab.control("PUT", "/settings", { emptyPages: 0 });
  await lab.control("PUT", "/role-assignments", { actions: ["*"] });
  delete scripted.scripts.vault;
});
const { ready } = lab;
const { cloud, target } = lab.vaultAt("alpha");
const sub = ready.subscription_id;

async function found(subscription?: string, store = memoryStore()) {
  const vaults: FoundVault[] = [];
  const refusals: UscError[] = [];
  const finder = azureVaultFinder({ store, clock: lab.clock, environment: {} });
  for await (const page of finder.pages(cloud, target, subscription, (refusal) => refusals.push(refusal))) vaults.push(...page);
  return { vaults, refusals };
}

describe("the vaults that an identity sees", () => {
  it("are told with what their owners decided, at the addresses by which usc reaches them", async () => {
    await lab.control("PUT", "/settings", { purgeProtection: { bravo: true }, access: { bravo: "policies" } });
    const { vaults } = await found(sub);
    const suffix = cloud["key-vault-suffix"];
    const shown = { resourceGroup: "local", subscription: sub, location: "eastus", tenant: ready.tenant_id, softDeleteDays: 90 };
    expect(vaults).toEqual(
      names.map((name) => ({
        ...shown,
        name,
        url: `https://${name}.${suffix}`,
        rbac: name !== "bravo",
        purgeProtection: name === "bravo",
      })),
    );
  });

  it("are all found behind empty pages, with and without a subscription", async () => {
    await lab.control("PUT", "/settings", { emptyPages: 3 });
    for (const subscription of [sub, undefined]) {
      expect((await found(subscription)).vaults.map(({ name }) => name)).toEqual(names);
    }
  });

  it("cost one login of their own, for ARM and not for vaults, however many pages there are", async () => {
    await lab.control("PUT", "/settings", { emptyPages: 2 });
    await lab.control("DELETE", "/requests");
    const store = memoryStore();
    await found(undefined, store);
    await lab
      .adapterOf({ store })
      .get(lab.vaultAt("alpha"), "x")
      .catch(() => {});
    await found(sub, store);
    const logins = (await lab.requests()).filter(({ path }) => path.includes("/oauth2/"));
    expect(logins).toHaveLength(2);
  });
});

describe("what ARM says is what is told", () => {
  it("a missing role: its code, its message, and Reader", async () => {
    await lab.control("PUT", "/role-assignments", { roles: ["Key Vault Secrets User"] });
    const failure: unknown = await found(sub).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(
        /^Azure Resource Manager refused the target \/t: AuthorizationFailed: The client '.*' does not have authorization to perform action 'Microsoft\.KeyVault\/vaults\/read' over scope '\/subscriptions\//u,
      ),
      details: { hint: expect.stringContaining("Reader"), requestId: expect.any(String) },
    });
  });

  it("no subscription at all is forbidden, and no empty list", async () => {
    await lab.control("PUT", "/role-assignments", { roles: [] });
    await expect(found()).rejects.toMatchObject({ code: "forbidden", message: "The target /t sees no enabled subscription." });
  });

  it("an unknown subscription", async () => {
    await expect(found("99999999-2222-4333-8444-555555555555")).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("SubscriptionNotFound: The subscription '99999999-"),
    });
  });

  it.each([
    [429, { error: { code: "TooManyRequests", message: "slow down" } }, "unavailable", /is throttling: TooManyRequests: slow down$/u],
    [502, { error: { code: "InvalidGatewayHost", message: "x" } }, "unavailable", /not available at the moment: InvalidGatewayHost: x$/u],
    [400, { error: { code: "Bad", message: "line\n\u001b[2J\u202eevil" } }, "unavailable", /Bad: line \[2J evil$/u],
    [403, { error: { code: "Denied", message: "m".repeat(9000) } }, "forbidden", /: m{600}…$/u],
    [403, "<html>", "unavailable", /answered HTTP 403 without saying why/u],
    [200, "<html>", "unavailable", /not Azure Resource Manager's/u],
  ])("%i with its words, on one line and bounded", async (status, body, code, message) => {
    await lab.control("POST", "/faults", { path: "*/vaults*", times: 99, status, body });
    await expect(found(sub)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe("with several subscriptions", () => {
  const ids = ["aaaaaaaa-2222-4333-8444-555555555555", "bbbbbbbb-2222-4333-8444-555555555555", "cccccccc-2222-4333-8444-555555555555"];
  const vaultIn = (id: string) => ({
    id: `/subscriptions/${id}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/demo`,
    name: "demo",
    location: "x",
    properties: { tenantId: "t", vaultUri: `https://demo.vault.localhost:${scripted.port}/` },
  });
  const armAt = { ...scripted.vault.cloud, "arm-endpoint": `${scripted.origin}/arm` };
  const sweep = async (answers: Record<string, { status: number; body: object }>, states = ["Enabled", "Enabled", "Disabled"]) => {
    scripted.seen.length = 0;
    scripted.scripts.vault = ({ path }, response) => {
      const id = /^\/arm\/subscriptions\/([^/?]+)\//u.exec(path)?.[1];
      const value = ids.map((subscriptionId, index) => ({ subscriptionId, state: states[index] }));
      const { status, body } =
        id === undefined ? { status: 200, body: { value } } : (answers[id] ?? { status: 200, body: { value: [vaultIn(id)] } });
      json(response, status, body);
    };
    const finder = azureVaultFinder({ store: memoryStore(), clock: lab.clock, environment: {} });
    const vaults: string[] = [];
    const told: string[] = [];
    const onRefused = (refusal: UscError): void => void told.push(refusal.message);
    for await (const page of finder.pages(armAt, scripted.vault.target, undefined, onRefused))
      vaults.push(...page.map((vault) => vault.subscription));
    return { vaults, told };
  };
  const refusal = { status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } };

  it("each enabled one is asked, and one that refuses hides no other", async () => {
    expect((await sweep({})).vaults).toEqual(ids.slice(0, 2));
    const { vaults, told } = await sweep({ [ids[0] ?? ""]: refusal });
    expect(vaults).toEqual([ids[1]]);
    expect(told).toEqual(["Azure Resource Manager refused the target /t: AuthorizationFailed: no"]);
  });

  it("all that refuse are a refusal, and anything else ends it", async () => {
    await expect(sweep({ [ids[0] ?? ""]: refusal, [ids[1] ?? ""]: refusal })).rejects.toMatchObject({ code: "forbidden" });
    await expect(sweep({ [ids[1] ?? ""]: { status: 404, body: { error: { code: "SubscriptionNotFound" } } } })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it.each([
    ["https://evil.example/subscriptions?x", "evil.example"],
    ["http://127.0.0.1/x", "127.0.0.1"],
    ["/subscriptions?x", "another place"],
  ])("A1 a list that goes on at %s is not followed", async (nextLink, host) => {
    await expect(sweep({ [ids[0] ?? ""]: { status: 200, body: { value: [], nextLink } } })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(`goes on at ${host}`),
    });
  });

  it("A1 a list that comes back to itself ends, and a vault elsewhere is none", async () => {
    const nextLink = `${scripted.origin}/arm/subscriptions/${ids[0]}/providers/Microsoft.KeyVault/vaults?x=1`;
    await expect(sweep({ [ids[0] ?? ""]: { status: 200, body: { value: [], nextLink } } })).rejects.toMatchObject({
      message: expect.stringContaining("does not end"),
    });
    const elsewhere = { ...vaultIn(ids[0] ?? ""), properties: { tenantId: "t", vaultUri: "https://demo.vault.azure.net.evil.com/" } };
    await expect(sweep({ [ids[0] ?? ""]: { status: 200, body: { value: [elsewhere] } } })).rejects.toMatchObject({ code: "unavailable" });
  });
});
