import type { Server } from "node:net";
import { createListener, type Front, type Listener } from "./front.ts";
import type { Place } from "./hosts.ts";
import { createProxy } from "./proxy.ts";
import type { Leaf } from "./leaf.ts";
import type { OpenPorts } from "./ready.ts";
import { close, createPlainServer, createTlsServer, listen, portOf } from "./server.ts";
import type { World } from "./world.ts";

/** The listening servers of one local Azure, all on loopback. */
export interface Doors {
  /** Opens Entra, ARM, Graph, the identity endpoints and each vault, and fills in where. Throws StartRefused for a wished port that cannot be had. */
  openServices(wished: number, ports: OpenPorts): Promise<void>;
  openProxy(wished: number, ports: OpenPorts): Promise<void>;
  /** Returns the port. */
  openControl(listener: Listener): Promise<number>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

export function createDoors(front: Front, world: World, leaf: Leaf): Doors {
  const servers: Server[] = [];
  const undo: (() => void)[] = [];

  // A service comes back under the port it had, if that is still free: URLs outlive a restart on a data folder.
  const openTls = async (key: string, place: Place, wished = 0): Promise<number> => {
    const server = createTlsServer(leaf, createListener(front, { place, port: () => portOf(server) }));
    servers.push(server);
    const port = wished === 0 ? await listen(server, world.ports[key] ?? 0, "any") : await listen(server, wished);
    world.ports[key] = port;
    return port;
  };

  const openPlain = async (key: string, place: Place): Promise<number> => {
    const server = createPlainServer(createListener(front, { place, port: () => portOf(server) }));
    servers.push(server);
    const port = await listen(server, world.ports[key] ?? 0, "any");
    world.ports[key] = port;
    return port;
  };

  return {
    async openServices(wished, ports) {
      ports.main = await openTls("main", { is: "entra" }, wished);
      for (const vault of world.vaults.keys()) ports.vaults.set(vault, await openTls(`vault ${vault}`, { is: "vault", vault }));
      ports.arm = await openTls("arm", { is: "arm" });
      ports.graph = await openTls("graph", { is: "graph" });
      ports.identity = await openPlain("identity", { is: "identity" });
    },
    async openProxy(wished, ports) {
      const proxy = createProxy(
        () => ports.main,
        (place) => place.is !== "vault" || world.vaults.has(place.vault),
      );
      servers.push(proxy.server);
      undo.push(proxy.stop);
      ports.proxy = await listen(proxy.server, wished);
    },
    async openControl(listener) {
      const server = createPlainServer(listener);
      servers.push(server);
      return listen(server, 0);
    },
    async close() {
      for (const stop of undo) stop();
      await Promise.all(servers.map(close));
    },
  };
}
