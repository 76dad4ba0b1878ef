import type { Agent } from "node:https";
import { connect, type LookupFunction, type Socket } from "node:net";
import type { Cloud } from "../../features/targets/model.ts";
import { once } from "../../kernel/once.ts";
import { present } from "../../kernel/present.ts";
import { type Environment, type Proxy, proxyFor } from "../network/proxy.ts";
import { isLocalCloud, isLoopback, type Origin } from "./vault-url.ts";

// Below what gateways and load balancers on the way allow: a connection that they forgot is not used again.
const idleMs = 60_000;
// Behind it a new attempt has the better odds.
const connectMs = 10_000;
// Longer than a name server near by takes.
const lookupMs = 20;

/** How a place is reached. */
export interface Way {
  address: Address;
  proxy: Proxy | undefined;
  agent(): Promise<Agent>;
}

interface Address {
  host: string;
  port: number;
  lookup?: LookupFunction;
}

// Not imported, since TLS takes some 10 ms to load and to make ready: that is done while TCP's handshake is under way.
export const https = () => process.getBuiltinModule("node:https");
const tls = () => process.getBuiltinModule("node:tls");

/** Connections kept alive, one pool for each set of trusted CAs. `*.localhost` never goes through a proxy: it would be the proxy's own machine. */
export function ways(environment: Environment): (cloud: Cloud, place: Origin) => Way {
  const pools = new Map<string, Promise<Agent>>();
  return (cloud, place) => {
    const proxy = isLoopback(place.host) ? undefined : proxyFor(environment, place);
    const key = `${proxy === undefined ? "direct" : "proxied"} ${isLocalCloud(cloud) ? "local" : "remote"} ${cloud["ca-pem"] ?? ""}`;
    const address = addressOf(place);
    return {
      address,
      proxy,
      agent() {
        const agent = pools.get(key) ?? (proxy === undefined ? direct(cloud, address) : tunnelling(cloud, proxy));
        pools.set(key, agent);
        return agent;
      },
    };
  };
}

function addressOf({ host, port }: Origin): Address {
  const own = isLoopback(host) && host !== "[::1]" ? { lookup: lookupLoopback } : {};
  return { host: host.replace(/^\[|\]$/g, ""), port, ...own };
}

/** Not every system's resolver knows `*.localhost`. */
const lookupLoopback: LookupFunction = (_host, options, answer) => {
  if (options.all) answer(null, [{ address: "127.0.0.1", family: 4 }]);
  else answer(null, "127.0.0.1", 4);
};

/** A pool whose first connection is dialled before TLS is loaded. */
async function direct(cloud: Cloud, address: Address): Promise<Agent> {
  let first: Socket | undefined = dial(address);
  await attempted(first);
  const agent = named(new (https().Agent)({ keepAlive: true, timeout: idleMs }));
  const secured = agent.createConnection.bind(agent);
  const secureContext = once(() => tls().createSecureContext(trust(cloud)));
  agent.createConnection = ({ host, port, lookup, ...options }, done) => {
    const place = { host: String(host), port: Number(port), ...present({ lookup }) };
    const isThere = first?.destroyed === false && place.host === address.host && place.port === address.port;
    const socket = (isThere ? first : undefined) ?? dial(place);
    if (isThere) first = undefined;
    const over = { ...options, ...place, socket, secureContext: secureContext() };
    stands(socket, (failure) => done?.(failure, (failure ? undefined : secured(over)) ?? socket));
    return undefined;
  };
  return agent;
}

/** TCP alone. */
function dial(address: Address): Socket {
  const socket = connect({ ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000 });
  socket.setTimeout(connectMs, () => socket.destroy(Object.assign(new Error(), { code: "ETIMEDOUT" })));
  // Whoever waits for it hears it as well.
  return socket.on("error", () => {});
}

/** Until the handshake is under way or has failed; while a name server takes its time over the name there is time for TLS as well. */
function attempted(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, lookupMs);
    const is = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.once("connectionAttempt", is).once("close", is);
  });
}

/** Calls back once, with what kept the handshake from being done. */
function stands(socket: Socket, done: (failure: Error | null) => void): void {
  const is = (): void => {
    socket.setTimeout(0).off("error", done);
    done(null);
  };
  if (!socket.connecting) return is();
  socket.once("connect", is).once("error", done);
}

const tunnelling = async (cloud: Cloud, { url }: Proxy): Promise<Agent> =>
  named(new (https().Agent)({ keepAlive: true, timeout: idleMs, ...trust(cloud), proxyEnv: { HTTPS_PROXY: url } }));

/** A pool has one kind of trust, so its connections differ by their place alone: Node would put all CAs into the name, at each request. */
function named(agent: Agent): Agent {
  agent.getName = ({ host, port, servername } = {}) => `${host}:${port}:${servername ?? ""}`;
  return agent;
}

/** Without a CA of the cloud's own: what Node trusts, which NODE_EXTRA_CA_CERTS and NODE_USE_SYSTEM_CA extend. */
function trust(cloud: Cloud): { ca?: string[] } {
  const pem = cloud["ca-pem"];
  if (pem === undefined) return {};
  // No public CA may speak for loopback; and reading all of them costs a seventh of a warm get.
  return { ca: isLocalCloud(cloud) ? [pem] : [...tls().getCACertificates("default"), pem] };
}
