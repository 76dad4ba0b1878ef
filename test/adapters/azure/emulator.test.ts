import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azureObjects, type Call } from "../../../src/adapters/azure/index.ts";
import { startEmulator, type Emulator } from "../../../src/emulator/index.ts";
import type { ObjectAdapter, Vault } from "../../../src/features/objects/port.ts";
import { objectAdapterContract } from "../../contract/object-adapter.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { quickClock } from "./scripted-azure.ts";

const free = Array.from({ length: 40 }, (_, index) => `vault-${index}`);
const clock = quickClock();
let emulator: Emulator;
let adapter: ObjectAdapter;
const calls: Call[] = [];
beforeAll(async () => {
  emulator = await startEmulator({ name: "lab", clock, vaults: [...free], proxyPort: 0 });
  adapter = azureObjects({ store: memoryStore(), clock, environment: {}, onCall: (call) => calls.push(call) });
  await control("PUT", "/role-assignments", { vault: "vault-0", roles: [] });
});
afterAll(() => emulator.stop());

async function control(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${emulator.ready.control}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text === "" ? undefined : JSON.parse(text);
}

function vaultAt(name: string, address: "url" | "direct_url" | "real" = "url"): Vault {
  const { ready } = emulator;
  const found = ready.vaults.find((vault) => vault.name === name);
  if (found === undefined) throw new Error(`no vault ${name}`);
  const stamp = "2026-06-01T12:00:00Z";
  const cloud =
    address === "real"
      ? { name: "AzureCloud", "authority-host": "https://login.microsoftonline.com", "key-vault-suffix": "vault.azure.net" }
      : { name: "lab", "authority-host": ready.authority_host, "key-vault-suffix": new URL(found.url).host.slice(name.length + 1) };
  const url = address === "real" ? `https://${name}.vault.azure.net` : found[address];
  return {
    url,
    cloud: {
      ...cloud,
      "key-vault-audience": "https://vault.azure.net",
      "graph-endpoint": ready.graph_endpoint,
      "arm-endpoint": ready.arm_endpoint,
      "ca-pem": readFileSync(ready.ca_file, "utf8"),
    },
    target: {
      id: 1,
      name: "/t",
      "tenant-id": ready.tenant_id,
      "client-id": ready.client_id,
      "client-secret": ready.client_secret,
      origin: "",
      "azure-cloud": cloud.name,
      tags: [],
      "delete-protection": false,
      "created-at": stamp,
      "modified-at": stamp,
    },
    connector: {
      id: 2,
      name: "/kv",
      "target-name": "/t",
      "vault-url": url,
      "vault-name": name,
      tags: [],
      "usc-tags": {},
      "delete-protection": false,
      "created-at": stamp,
      "modified-at": stamp,
    },
  };
}

let used = 0;
objectAdapterContract("the Azure adapter", async () => ({
  adapter,
  vault: vaultAt(free[(used += 1)] ?? ""),
  forbidden: vaultAt("vault-0"),
  settle: () => clock.advance(1000),
}));

describe("against the local Azure", () => {
  it("a missing role is told with its action, the role to assign and the caller's object id", async () => {
    await expect(adapter.get(vaultAt("vault-0"), "x")).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("secrets/getSecret/action"),
      details: { hint: expect.stringMatching(/Key Vault Secrets User .* [0-9a-f-]{36}/), requestId: expect.any(String) },
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

  it("a vault is reached at its direct address as well", async () => {
    const vault = vaultAt("vault-38", "direct_url");
    await adapter.set(vault, "x", { value: "1" });
    expect((await adapter.get(vault, "x")).id).toMatch(`${vault.url}/secrets/x/`);
  });

  it("Azure's own names are reached through HTTPS_PROXY, and *.localhost past it", async () => {
    const environment = { https_proxy: emulator.ready.proxy_url };
    const proxied = azureObjects({ store: memoryStore(), clock, environment });
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
    const { requests } = (await control("GET", "/requests")) as { requests: { connection: number }[] };
    expect([count, requests.length, new Set(requests.map(({ connection }) => connection)).size]).toEqual([2000, 80, 1]);
  });
});
