import { UscError } from "../../kernel/errors.ts";
import type { Store } from "../../kernel/store.ts";
import { type Cloud, clouds, connectionTypeOf, type Target } from "./model.ts";

/** The clouds that Microsoft runs. Their hosts are facts; everybody else's are registered. */
export const builtInClouds: readonly Cloud[] = [
  {
    name: "AzureCloud",
    "authority-host": "https://login.microsoftonline.com",
    "key-vault-suffix": "vault.azure.net",
    "key-vault-audience": "https://vault.azure.net",
    "graph-endpoint": "https://graph.microsoft.com",
    "arm-endpoint": "https://management.azure.com",
    "arm-audience": "https://management.azure.com",
  },
  {
    name: "AzureUSGovernment",
    "authority-host": "https://login.microsoftonline.us",
    "key-vault-suffix": "vault.usgovcloudapi.net",
    "key-vault-audience": "https://vault.usgovcloudapi.net",
    "graph-endpoint": "https://graph.microsoft.us",
    "arm-endpoint": "https://management.usgovcloudapi.net",
    "arm-audience": "https://management.usgovcloudapi.net",
  },
  {
    name: "AzureChinaCloud",
    "authority-host": "https://login.chinacloudapi.cn",
    "key-vault-suffix": "vault.azure.cn",
    "key-vault-audience": "https://vault.azure.cn",
    "graph-endpoint": "https://microsoftgraph.chinacloudapi.cn",
    "arm-endpoint": "https://management.chinacloudapi.cn",
    "arm-audience": "https://management.chinacloudapi.cn",
  },
];

/** The name of a cloud that is to be registered. */
export function checkCloudName(name: string): void {
  if (!/^[\w.-]{1,64}$/u.test(name)) {
    throw new UscError("usage", "That is no cloud name: expected 1 to 64 letters, digits, `.`, `_` or `-`.");
  }
  if (builtInClouds.some((cloud) => cloud.name.toLowerCase() === name.toLowerCase())) {
    throw new UscError("conflict", `${name} is built in.`, { hint: "Give your cloud another name." });
  }
}

export async function findCloud(store: Store, name: string): Promise<Cloud> {
  const builtIn = builtInClouds.find((cloud) => cloud.name === name);
  if (builtIn) return builtIn;
  const stored = await store.collection(clouds).get(name);
  if (stored) return stored.value;
  throw new UscError("not_found", `There is no cloud named ${name}.`, {
    hint: "`usc cloud list` shows the known ones, `usc cloud register` adds one.",
  });
}

/** A cloud that was registered without one plays Azure's own, as it does for vaults. */
export const armAudienceOf = (cloud: Cloud): string => cloud["arm-audience"] ?? "https://management.azure.com";

/** The resource that a token for Microsoft Graph is for. A cloud that was registered plays Azure's own. */
export const graphAudienceOf = (cloud: Cloud): string =>
  builtInClouds.includes(cloud) ? cloud["graph-endpoint"] : "https://graph.microsoft.com";

const vaultOrigin = (cloud: Cloud): string => [cloud["authority-host"], cloud["key-vault-suffix"], cloud["key-vault-audience"]].join(" ");

/** Where a secret or a token of this cloud may go. A target remembers it, sealed beside the secret, and refuses to log in anywhere else. */
export const originOf = (cloud: Cloud): string =>
  [vaultOrigin(cloud), cloud["arm-endpoint"], armAudienceOf(cloud), cloud["graph-endpoint"]].join(" ");

/**
 * The cloud of a stored target. Refuses when it no longer is the one that the target was stored for. An earlier usc remembered where vaults and
 * login are and no more: `whole` asks for the rest as well, which only clouds that cannot be edited have in that case.
 */
export async function trustedCloud(store: Store, key: string, target: Target, whole?: "whole"): Promise<Cloud> {
  const cloud = await findCloud(store, target["azure-cloud"]);
  if (originOf(cloud) === target.origin) return cloud;
  if (vaultOrigin(cloud) === target.origin && (whole === undefined || builtInClouds.includes(cloud))) return cloud;
  throw new UscError(
    "conflict",
    `The cloud ${cloud.name} has other hosts than when the target ${key} was stored, so nothing is sent there.`,
    {
      hint: `usc target update azure --name ${key} ${restated(target)}`,
    },
  );
}

/** What says once more that the target is meant for its cloud: the secret, or the cloud's name where none is stored. */
function restated(target: Target): string {
  const type = connectionTypeOf(target);
  if (type === "credentials") return "--client-secret-file PATH";
  if (type === "certificate") return "--client-certificate-file PATH";
  return type === "workload-identity" ? "--federated-token-file PATH" : `--azure-cloud ${target["azure-cloud"]}`;
}
