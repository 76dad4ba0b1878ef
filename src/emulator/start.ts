import { join } from "node:path";
import { systemClock, type Clock } from "./clock.ts";
import { createControl } from "./control.ts";
import { openDataFolder } from "./data-folder.ts";
import { createDoors } from "./doors.ts";
import { principalAtArm } from "./directory.ts";
import { createEntra } from "./entra.ts";
import { createFaults } from "./faults.ts";
import type { Front } from "./front.ts";
import { createGraph } from "./graph.ts";
import { createIdentity } from "./identity.ts";
import { createArm } from "./arm.ts";
import { writeAtomically } from "./persist.ts";
import { readyLine, type EmulatorReady, type OpenPorts } from "./ready.ts";
import { createRequestLog } from "./request-log.ts";
import { createWorld, type World } from "./world.ts";

export interface EmulatorOptions {
  /** The name of the cloud. */
  name?: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Without it there is no proxy; 0 takes a free port. */
  proxyPort?: number;
  /** Keeps everything there, 0600, and for this local Azure alone; without it all is gone at the end. */
  dataDir?: string;
  vaults?: readonly string[];
  clock?: Clock;
}

export interface Emulator {
  ready: EmulatorReady;
  /** Cuts all connections and lets go what faults hold. */
  stop(): Promise<void>;
}

type AtEnd = (undo: () => Promise<void> | void) => void;

/** Throws StartRefused when another one is in the way, or when it cannot work with what it was given. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const opened: Parameters<AtEnd>[0][] = [];
  const stop = async (): Promise<void> => {
    for (let undo = opened.pop(); undo !== undefined; undo = opened.pop()) await undo();
  };
  try {
    return { ready: await open(options, (undo) => opened.push(undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(options: EmulatorOptions, atEnd: AtEnd): Promise<EmulatorReady> {
  const { name: cloud = "emulator", clock = systemClock, vaults = ["demo", "other"] } = options;
  const folder = await openDataFolder(options.dataDir);
  atEnd(folder.close);
  const world = await createWorld({ clock, vaults, shelf: folder.shelf });
  const ports: OpenPorts = { main: 0, arm: 0, graph: 0, identity: 0, vaults: new Map(), proxy: undefined };
  const { front, stopping } = await frontOf(world, ports);

  const { createLeaf } = await import("./leaf.ts");
  const doors = createDoors(front, world, createLeaf(world.authority, Date.now));
  atEnd(doors.close);
  atEnd(() => {
    stopping.abort();
    front.faults.clear();
  });
  await doors.openServices(options.port ?? 0, ports);
  if (options.proxyPort !== undefined) await doors.openProxy(options.proxyPort, ports);
  const control = createControl({ world, faults: front.faults, log: front.log });
  const controlUrl = `http://127.0.0.1:${await doors.openControl(control.listener)}/${control.segment}`;

  const caFile = join(folder.path, "ca.pem");
  await writeAtomically(caFile, () => world.authority.certificatePem);
  await world.saved();
  return readyLine(world, { cloud, ports, caFile, control: controlUrl });
}

async function frontOf(world: World, ports: OpenPorts): Promise<{ front: Front; stopping: AbortController }> {
  // It stands on the X.509 library, which was loaded while another thread made a key.
  const { createVaultRoom } = await import("./vault.ts");
  const stopping = new AbortController();
  const front: Front = {
    clock: world.clock,
    settings: world.settings,
    faults: createFaults(),
    log: createRequestLog(),
    saved: () => world.saved(),
    stopping: stopping.signal,
    rooms: {
      entra: createEntra(world),
      vault: createVaultRoom({ ...world, authorityHost: () => `https://127.0.0.1:${ports.main}` }),
      arm: createArm({
        ...world,
        localSuffix: () => `vault.localhost:${ports.main}`,
        principalType: (objectId) => principalAtArm(world.directory, objectId, world.clock.now()),
      }),
      graph: createGraph(world),
      identity: createIdentity(world),
    },
  };
  return { front, stopping };
}
