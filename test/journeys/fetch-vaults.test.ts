import { afterAll, afterEach, describe, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";

const lab = await localAzure({ vaults: ["alpha", "bravo"] });
afterAll(() => lab.stop());
const { ready, control, usc } = lab;
const fetchVaults = (...more: string[]) => usc(["fetch-vaults", "--target-name", "t", ...more]);

afterEach(async () => {
  await control("/settings", "PUT", { emptyPages: 0 });
  await control("/role-assignments", "PUT", { actions: ["*"] });
});

const row = (name: string) => ({
  name,
  vault_url: lab.ready.vaults.find((vault) => vault.name === name)?.url,
  resource_group: "local",
  subscription_id: ready.subscription_id,
  location: "eastus",
  tenant_id: ready.tenant_id,
  rbac: true,
  purge_protection: false,
  soft_delete_days: 90,
});

describe("usc fetch-vaults", () => {
  it.each([
    ["in one subscription", ["--subscription-id", ready.subscription_id]],
    ["in all that the identity sees", []],
  ])("finds the vaults %s, behind empty pages, and they can be used as they are told", async (_, flags) => {
    await control("/settings", "PUT", { emptyPages: 2 });
    const ran = await fetchVaults(...flags);
    expect([ran.exit, ran.stderr]).toEqual([0, ""]);
    expect(ran.json).toEqual({ vaults: [row("alpha"), row("bravo")] });
    const { vault_url: url = "" } = row("bravo");
    await usc(["create-usc", "--name", `kv-${flags.length}`, "--target-to-associate", "t", "--azure-kv-url", url]);
    expect((await usc(["list", "--usc-name", `kv-${flags.length}`])).exit).toBe(0);
  });

  it("prints rows as they come, is known by its documented route, and is audited by the target's name", async () => {
    const lines = (await fetchVaults("-o", "ndjson")).stdout.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { name: string }).name)).toEqual(["alpha", "bravo"]);
    expect((await usc(["usc-fetch-vaults", "--target-name", "t"])).json).toEqual({ vaults: [row("alpha"), row("bravo")] });
    const { entries } = (await usc(["audit", "list", "--limit", "1"])).json as { entries: Record<string, string>[] };
    expect(entries[0]).toMatchObject({ operation: "fetch-vaults", item: "/t", outcome: "ok" });
  });

  it("says what ARM says: a missing role, and a subscription that is not there", async () => {
    await control("/role-assignments", "PUT", { roles: ["Key Vault Secrets User"] });
    const refused = await fetchVaults("--subscription-id", ready.subscription_id);
    expect([refused.exit, refused.stdout]).toEqual([6, ""]);
    expect(refused.failure.error).toMatch(
      /AuthorizationFailed: The client '.*' does not have authorization to perform action 'Microsoft\.KeyVault\/vaults\/read'/u,
    );
    expect(refused.failure.hint).toMatch(/Reader/u);
    const nowhere = await fetchVaults();
    expect([nowhere.exit, nowhere.failure.error]).toEqual([6, "The target /t sees no enabled subscription."]);
    const unknown = await fetchVaults("--subscription-id", ready.tenant_id);
    expect([unknown.exit, unknown.failure.error]).toEqual([3, expect.stringContaining("SubscriptionNotFound: The subscription '")]);
    expect((await usc(["fetch-vaults", "--target-name", "none"])).exit).toBe(3);
  });
});
