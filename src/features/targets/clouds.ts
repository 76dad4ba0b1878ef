import { UscError } from "../../kernel/errors.ts";
import type { Store } from "../../kernel/store.ts";
import { type Cloud, clouds, type Target } from "./model.ts";

/** The clouds that Microsoft runs. Their hosts are facts; everybody else's are registered. */
export const builtInClouds: readonly Cloud[] = [
  {
    name: "AzureCloud",
    "authority-host": "https://login.microsoftonline.com",
    "key-vault-suffix": "vault.azure.net",
    "key-vault-audience": "https://vault.azure.net",
    "graph-endpoint": "https://graph.microsoft.com",
    "arm-endpoint": "https://management.azure.com",
  },
  {
    name: "AzureUSGovernment",
    "authority-host": "https://login.microsoftonline.us",
    "key-vault-suffix": "vault.usgovcloudapi.net",
    "key-vault-audience": "https://vault.usgovcloudapi.net",
    "graph-endpoint": "https://graph.microsoft.us",
    "arm-endpoint": "https://management.usgovcloudapi.net",
  },
  {
    name: "AzureChinaCloud",
    "authority-host": "https://login.chinacloudapi.cn",
    "key-vault-suffix": "vault.azure.cn",
    "key-vault-audience": "https://vault.azure.cn",
    "graph-endpoint": "https://microsoftgraph.chinacloudapi.cn",
    "arm-endpoint": "https://management.chinacloudapi.cn",
  },
];

export async function findCloud(store: Store, name: string): Promise<Cloud> {
  const builtIn = builtInClouds.find((cloud) => cloud.name === name);
  if (builtIn) return builtIn;
  const stored = await store.collection(clouds).get(name);
  if (stored) return stored.value;
  throw new UscError("not_found", `There is no cloud named ${name}.`, {
    hint: "`usc cloud list` shows the known ones, `usc cloud register` adds one.",
  });
}

/** Where a secret of this cloud may go. A target remembers it, sealed beside the secret, and refuses to log in anywhere else. */
export function originOf(cloud: Cloud): string {
  return [cloud["authority-host"], cloud["key-vault-suffix"], cloud["key-vault-audience"]].join(" ");
}

/** The cloud of a stored target. Refuses when it no longer is the one that the secret was given for. */
export async function trustedCloud(store: Store, key: string, target: Target): Promise<Cloud> {
  const cloud = await findCloud(store, target["azure-cloud"]);
  if (originOf(cloud) !== target.origin) {
    throw new UscError(
      "conflict",
      `The cloud ${cloud.name} has other hosts than when the secret of ${key} was given, so it is not sent there.`,
      { hint: `usc target update azure --name ${key} --client-secret-file PATH` },
    );
  }
  return cloud;
}
