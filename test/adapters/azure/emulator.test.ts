import { afterAll, describe, expect, it } from "vitest";
import { pemType } from "../../../src/features/objects/certificate-port.ts";
import { certificateAdapterContract, wish } from "../../contract/certificate-adapter.ts";
import { secretAdapterContract } from "../../contract/secret-adapter.ts";
import { certificateFor } from "../../support/test-certificates.ts";
import { azureLab } from "./azure-lab.ts";

const free = Array.from({ length: 90 }, (_, index) => `vault-${index}`);
const { adapter, adapterOf, certificates, clock, control, ready, requests, stop, vaultAt } = await azureLab(free);
afterAll(stop);
await control("PUT", "/role-assignments", { vault: "vault-0", roles: [] });

let used = 39;
const world = () => ({
  vault: vaultAt(free[(used += 1)] ?? ""),
  forbidden: vaultAt("vault-0"),
  settle: (ms = 1000) => clock.advance(ms),
});
secretAdapterContract("the Azure adapter", async () => ({ ...world(), adapter }));
certificateAdapterContract("the Azure adapter", async () => ({
  ...world(),
  adapter: await certificates(),
  loseAnswer: async (method, path, reset) => void (await control("POST", "/faults", { method, path, reset })),
}));

describe("against the local Azure", () => {
  it("a missing role is told with its action, the role to assign and the caller's object id", async () => {
    await expect(adapter.get(vaultAt("vault-0"), "x")).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("secrets/getSecret/action"),
      details: { hint: expect.stringMatching(/Key Vault Secrets User .* [0-9a-f-]{36}/), requestId: expect.any(String) },
    });
  });

  it("an object that is not there, and a version that is not there, are told apart", async () => {
    const vault = vaultAt("vault-38");
    await adapter.set(vault, "there", { value: "1" });
    const version = "0".repeat(32);
    await expect(adapter.get(vault, "gone")).rejects.toMatchObject({
      code: "not_found",
      message: `There is no secret gone in ${vault.url}.`,
      details: { hint: "`usc list` shows what there is." },
    });
    await expect(adapter.get(vault, "there", version)).rejects.toMatchObject({
      code: "not_found",
      message: `There is no version ${version} of the secret there in ${vault.url}.`,
      details: { hint: "`usc versions` shows what there is." },
    });
  });

  it("what a vault protects from purging is told as protected", async () => {
    const vault = vaultAt("vault-39");
    await control("PUT", "/settings", { purgeProtection: { "vault-39": true } });
    await adapter.set(vault, "kept", { value: "1" });
    await adapter.delete(vault, "kept");
    clock.advance(1000);
    expect(await adapter.purge(vault, "kept")).toBe("protected");
  });

  it("a certificate under the name of a secret is a conflict, and none in the making", async () => {
    const vault = vaultAt("vault-35");
    await adapter.set(vault, "x", { value: "1" });
    const { pem, thumbprint } = certificateFor("one");
    const bundle = { bytes: Buffer.from(pem), contentType: pemType, thumbprint } as const;
    const refused = { code: "conflict", message: "The name x is held by something that is no certificate." };
    await expect((await certificates()).importBundle(vault, "x", bundle)).rejects.toMatchObject(refused);
    await expect((await certificates()).create(vault, "x", wish())).rejects.toMatchObject(refused);
  });

  it("a vault is reached at its direct address as well", async () => {
    const vault = vaultAt("vault-38", "direct_url");
    await adapter.set(vault, "x", { value: "1" });
    expect((await adapter.get(vault, "x")).id).toMatch(`${vault.url}/secrets/x/`);
  });

  it("Azure's own names are reached through HTTPS_PROXY, and *.localhost past it", async () => {
    const proxied = adapterOf({ environment: { https_proxy: ready.proxy_url } });
    const vault = vaultAt("vault-37", "real");
    await proxied.set(vault, "x", { value: "1" });
    expect((await proxied.get(vault, "x")).id).toMatch("https://vault-37.vault.azure.net/secrets/x/");
    expect((await proxied.get(vaultAt("vault-37"), "x")).value).toBe("1");
  });

  it("2,000 secrets are 80 requests on one connection", async () => {
    const vault = vaultAt("vault-36");
    await Promise.all(Array.from({ length: 2000 }, (_, index) => control("PUT", `/secrets/vault-36/s${index}`, { value: "x" })));
    await adapter.get(vault, "s1");
    await control("DELETE", "/requests");
    let count = 0;
    for await (const page of adapter.pages(vault)) count += page.items.length;
    const made = await requests();
    expect([count, made.length, new Set(made.map(({ connection }) => connection)).size]).toEqual([2000, 80, 1]);
  });
});
