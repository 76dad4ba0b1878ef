import { readFileSync } from "node:fs";
import { type AzureOptions, azureVaults, type Call } from "../../../src/adapters/azure/index.ts";
import { startEmulator } from "../../../src/emulator/index.ts";
import type { Vault } from "../../../src/features/objects/port.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { stillClock } from "../../support/still-clock.ts";

interface Logged {
  method: string;
  path: string;
  host: string;
  connection: number;
  request_id: string;
}

/** A local Azure with `vaults`, and the adapter over it: both on one clock that moves by sleeping alone. */
export async function azureLab(vaults: readonly string[], options: Partial<AzureOptions> = {}) {
  const clock = stillClock();
  const { ready, stop } = await startEmulator({ name: "lab", clock, vaults, proxyPort: 0 });
  const calls: Call[] = [];
  const vaultsOf = (more: Partial<AzureOptions> = {}) =>
    azureVaults({ store: memoryStore(), clock, environment: {}, onCall: (call) => calls.push(call), ...options, ...more });
  const adapterOf = (more: Partial<AzureOptions> = {}) => vaultsOf(more).secrets;
  const { secrets: adapter, certificates } = vaultsOf();

  const control = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${ready.control}${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text === "" ? undefined : JSON.parse(text);
  };
  const requests = async (): Promise<Logged[]> => ((await control("GET", "/requests")) as { requests: Logged[] }).requests;

  const vaultAt = (name: string, address: "url" | "direct_url" | "real" = "url"): Vault => {
    const found = ready.vaults.find((vault) => vault.name === name) ?? ready.vaults[0];
    if (found === undefined) throw new Error("no vault");
    const suffix = new URL(found.url).host.slice(found.name.length + 1);
    const stamp = "2026-06-01T12:00:00Z";
    const record = { tags: [], "delete-protection": false, "created-at": stamp, "modified-at": stamp };
    const cloud =
      address === "real"
        ? { name: "AzureCloud", "authority-host": "https://login.microsoftonline.com", "key-vault-suffix": "vault.azure.net" }
        : { name: "lab", "authority-host": ready.authority_host, "key-vault-suffix": suffix };
    const url = address === "direct_url" ? found.direct_url : `https://${name}.${cloud["key-vault-suffix"]}`;
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
        ...record,
        id: 1,
        name: "/t",
        "tenant-id": ready.tenant_id,
        "client-id": ready.client_id,
        "client-secret": ready.client_secret,
        origin: "",
        "azure-cloud": cloud.name,
      },
      connector: { ...record, id: 2, name: "/kv", "target-name": "/t", "vault-url": url, "vault-name": name, "usc-tags": {} },
    };
  };
  return { ready, stop, clock, calls, adapter, adapterOf, certificates, control, requests, vaultAt };
}
