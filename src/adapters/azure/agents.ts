import type { LookupFunction } from "node:net";
import { Agent } from "node:https";
import { getCACertificates } from "node:tls";
import type { Cloud } from "../../features/targets/model.ts";
import { type Environment, type Proxy, proxyFor } from "../network/proxy.ts";
import { isLocalCloud, isLoopback, type Origin } from "./vault-url.ts";

// Below what gateways and load balancers on the way allow: a connection that they forgot is not used again.
const idleMs = 60_000;

/** How a place is reached. */
export interface Way {
  agent: Agent;
  proxy: Proxy | undefined;
}

/** Connections kept alive, one pool for each set of trusted CAs. `*.localhost` never goes through a proxy: it would be the proxy's own machine. */
export function agents(environment: Environment): (cloud: Cloud, place: Origin) => Way {
  const pools = new Map<string, Agent>();
  return (cloud, place) => {
    const proxy = isLoopback(place.host) ? undefined : proxyFor(environment, place);
    const key = `${proxy === undefined ? "direct" : "proxied"} ${isLocalCloud(cloud) ? "local" : "remote"} ${cloud["ca-pem"] ?? ""}`;
    const agent =
      pools.get(key) ??
      named(new Agent({ keepAlive: true, timeout: idleMs, ...trust(cloud), ...(proxy ? { proxyEnv: { HTTPS_PROXY: proxy.url } } : {}) }));
    pools.set(key, agent);
    return { agent, proxy };
  };
}

/** A pool has one kind of trust, so its connections differ by their place alone: Node would put all CAs into the name, at each request. */
function named(agent: Agent): Agent {
  agent.getName = ({ host, port, servername } = {}) => `${host}:${port}:${servername ?? ""}`;
  return agent;
}

/**
 * Without a CA of the cloud's own: what Node trusts, which NODE_EXTRA_CA_CERTS and NODE_USE_SYSTEM_CA extend. Verification is set in so many
 * words: NODE_TLS_REJECT_UNAUTHORIZED must not switch it off.
 */
function trust(cloud: Cloud): { rejectUnauthorized: true; ca?: string[] } {
  const pem = cloud["ca-pem"];
  if (pem === undefined) return { rejectUnauthorized: true };
  // No public CA may speak for loopback; and reading all of them costs a seventh of a warm get.
  return { rejectUnauthorized: true, ca: isLocalCloud(cloud) ? [pem] : [...getCACertificates("default"), pem] };
}

/** Not every system's resolver knows `*.localhost`. */
export const lookupLoopback: LookupFunction = (_host, options, answer) => {
  if (options.all) answer(null, [{ address: "127.0.0.1", family: 4 }]);
  else answer(null, "127.0.0.1", 4);
};
