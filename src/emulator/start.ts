import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Server as NetServer } from "node:net";
import { issueLeaf } from "./authority.ts";
import { systemClock, type Clock } from "./clock.ts";
import { createControl } from "./control.ts";
import { createEntra } from "./entra.ts";
import { createFaults } from "./faults.ts";
import { createListener, type Front } from "./front.ts";
import type { Place } from "./hosts.ts";
import { armNotYet, graphNotYet } from "./not-yet.ts";
import { writeAtomically } from "./persist.ts";
import { createProxy } from "./proxy.ts";
import { createRequestLog } from "./request-log.ts";
import { close, createPlainServer, createTlsServer, listen, portOf } from "./server.ts";
import { createVaultRoom } from "./vault.ts";
import { createWorld } from "./world.ts";

export interface EmulatorOptions {
  /** The name of the cloud. */
  name?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Without it there is no proxy; 0 takes a free port. */
  proxyPort?: number;
  /** Keeps everything there, 0600; without it all is gone at the end. */
  dataDir?: string;
  vaults?: readonly string[];
  clock?: Clock;
}

/** The line that the process prints when it is ready. */
export interface EmulatorReady {
  ready: true;
  cloud: string;
  authority_host: string;
  vaults: { name: string; url: string; direct_url: string }[];
  tenant_id: string;
  client_id: string;
  client_secret: string;
  subscription_id: string;
  arm_endpoint: string;
  graph_endpoint: string;
  ca_file: string;
  control: string;
  proxy_url?: string;
}

export interface Emulator {
  ready: EmulatorReady;
  /** Cuts all connections and lets go what faults hold. */
  stop(): Promise<void>;
}

export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { dataDir } = options;
  const world = await createWorld({
    clock: options.clock ?? systemClock,
    vaults: options.vaults ?? ["demo", "other"],
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  const stopping = new AbortController();
  const faults = createFaults();
  const log = createRequestLog();
  const leaf = issueLeaf(world.authority);
  const servers: NetServer[] = [];
  let mainPort = 0;

  const front: Front = {
    clock: world.clock,
    settings: world.settings,
    faults,
    log,
    saved: () => world.saved(),
    stopping: stopping.signal,
    rooms: {
      entra: createEntra(world),
      vault: createVaultRoom({ ...world, authorityHost: () => `https://127.0.0.1:${mainPort}` }),
      arm: armNotYet,
      graph: graphNotYet,
    },
  };

  const openTls = async (key: string, place: Place, wished = 0): Promise<number> => {
    const server = createTlsServer(leaf, createListener(front, { place, port: () => portOf(server) }));
    servers.push(server);
    const remembered = world.ports[key] ?? 0;
    const port = wished === 0 ? await listen(server, remembered, "any") : await listen(server, wished);
    world.ports[key] = port;
    return port;
  };

  const proxy = createProxy(
    () => mainPort,
    (place) => place.is !== "vault" || world.vaults.has(place.vault),
  );
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), "usc-emulator-")));
  const stop = async (): Promise<void> => {
    stopping.abort();
    faults.clear();
    proxy.stop();
    await Promise.all(servers.map(close));
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
  };

  try {
    mainPort = await openTls("main", { is: "entra" }, options.port);
    const vaults: EmulatorReady["vaults"] = [];
    for (const name of world.vaults.keys()) {
      const port = await openTls(`vault ${name}`, { is: "vault", vault: name });
      vaults.push({ name, url: `https://${name}.vault.localhost:${mainPort}`, direct_url: `https://127.0.0.1:${port}` });
    }
    const armPort = await openTls("arm", { is: "arm" });
    const graphPort = await openTls("graph", { is: "graph" });

    const control = createControl({ world, faults, log });
    const controlServer = createPlainServer(control.listener);
    servers.push(controlServer);
    const controlPort = await listen(controlServer, 0);

    let proxyUrl: string | undefined;
    if (options.proxyPort !== undefined) {
      servers.push(proxy.server);
      proxyUrl = `http://127.0.0.1:${await listen(proxy.server, options.proxyPort)}`;
    }

    const caFile = join(folder, "ca.pem");
    await writeAtomically(caFile, () => world.authority.certificatePem);
    await world.saved();
    const application = world.directory.applications[0];
    const ready: EmulatorReady = {
      ready: true,
      cloud: options.name ?? "emulator",
      authority_host: `https://127.0.0.1:${mainPort}`,
      vaults,
      tenant_id: world.directory.tenantId,
      client_id: application?.clientId ?? "",
      client_secret: application?.secrets.find(({ expired }) => !expired)?.secret ?? "",
      subscription_id: world.directory.subscriptionId,
      arm_endpoint: `https://127.0.0.1:${armPort}`,
      graph_endpoint: `https://127.0.0.1:${graphPort}`,
      ca_file: caFile,
      control: `http://127.0.0.1:${controlPort}/${control.segment}`,
      ...(proxyUrl === undefined ? {} : { proxy_url: proxyUrl }),
    };
    return { ready, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
