import type { LookupFunction } from "node:net";
import { Agent } from "node:https";
import { getCACertificates } from "node:tls";
import type { Cloud } from "../../features/targets/model.ts";
import { isLocalCloud, isLoopback } from "./vault-url.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Connections kept alive, one pool for each set of trusted CAs. `*.localhost` never goes through a proxy: it would be the proxy's own machine. */
export function agents(environment: Environment): (cloud: Cloud, host: string) => Agent {
  const pools = new Map<string, Agent>();
  const proxy = proxyEnvironment(environment);
  return (cloud, host) => {
    const proxied = proxy !== undefined && !isLoopback(host);
    const key = `${proxied ? "proxied" : "direct"} ${isLocalCloud(cloud) ? "local" : "remote"} ${cloud["ca-pem"] ?? ""}`;
    const pool = pools.get(key) ?? new Agent({ keepAlive: true, ...trust(cloud), ...(proxied ? { proxyEnv: proxy } : {}) });
    pools.set(key, pool);
    return pool;
  };
}

// Verification is set in so many words: NODE_TLS_REJECT_UNAUTHORIZED must not switch it off.
function trust(cloud: Cloud): { rejectUnauthorized: true; ca?: string[] } {
  const pem = cloud["ca-pem"];
  if (pem === undefined) return { rejectUnauthorized: true };
  // No public CA may speak for loopback; and reading all of them costs a seventh of a warm get.
  return { rejectUnauthorized: true, ca: isLocalCloud(cloud) ? [pem] : [...getCACertificates("default"), pem] };
}

function proxyEnvironment(environment: Environment): Record<string, string> | undefined {
  const names = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"];
  const set = names.flatMap((name) => (environment[name] ? [[name, environment[name]] as const] : []));
  return set.some(([name]) => name.toUpperCase() === "HTTPS_PROXY") ? Object.fromEntries(set) : undefined;
}

/** Not every system's resolver knows `*.localhost`. */
export const lookupLoopback: LookupFunction = (_host, options, answer) => {
  if (options.all) answer(null, [{ address: "127.0.0.1", family: 4 }]);
  else answer(null, "127.0.0.1", 4);
};
