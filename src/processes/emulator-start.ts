import { readFileSync } from "node:fs";
import { get } from "node:http";
import { parseArgs } from "node:util";
import { openState } from "../app.ts";
import type { Emulator, EmulatorOptions, EmulatorReady } from "../emulator/index.ts";
import { writeAll } from "../faces/cli/print.ts";
import { safeLine } from "../kernel/printable.ts";
import { caller } from "../faces/cli/run.ts";
import { checkCloudName } from "../features/targets/clouds.ts";
import { registerLocalCloud, unregisterLocalCloud } from "../features/targets/local-cloud.ts";
import { type Cloud } from "../features/targets/model.ts";
import { audited } from "../kernel/audit.ts";
import { rfc3339, systemClock } from "../kernel/clock.ts";
import { UscError } from "../kernel/errors.ts";
import { present } from "../kernel/present.ts";

export const help = `  usc emulator start --json

Runs a local Azure on 127.0.0.1 until it is stopped: Entra, Key Vault with secrets and certificates, of ARM vaults, roles
and storage keys, of Graph applications, users and groups, over TLS with a CA of its own; also the identity endpoints of
a machine. Never trust that CA system-wide.

Flags:
  --name <NAME>        Name that the cloud is registered under (default: emulator)
  --port <N>           Port of Entra and of https://NAME.vault.localhost (default: a free one)
  --proxy-port <N>     Also serve a CONNECT proxy for the real Azure host names
  --data-dir <DIR>     Keep all of it there, for one local Azure at a time, and the registration at exit
  --vault <NAME>       Vault to have; may be repeated (default: demo, other)
  --no-register        Do not register the cloud
  --json               Accepted; the ready line is JSON in any case
`;

/** `usc emulator start`: one JSON line when ready, then until SIGINT or SIGTERM. */
export async function run(argv: readonly string[], home: string): Promise<number> {
  const flags = parse(argv);
  if (flags.help) {
    writeAll(1, help);
    return 0;
  }
  checkCloudName(flags.name);
  const emulator = await startLocalAzure({
    name: flags.name,
    port: portOf("port", flags.port) ?? 0,
    ...present({ proxyPort: portOf("proxy-port", flags["proxy-port"]), dataDir: flags["data-dir"], vaults: flags.vault }),
  });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.removeAllListeners(signal).on(signal, () => resolve());
  });
  // Node opens a debugger on this signal, for anyone on the machine.
  process.on("SIGUSR1", () => {});
  try {
    const unregister = flags["no-register"] === true ? undefined : await register(emulator.ready, home);
    writeAll(1, `${JSON.stringify(emulator.ready)}\n`);
    await stopped;
    if (flags["data-dir"] === undefined) await unregister?.();
  } finally {
    await emulator.stop();
  }
  return 0;
}

/** What keeps it from starting is an error of ours. */
export async function startLocalAzure(options: EmulatorOptions): Promise<Emulator> {
  const { startEmulator, StartRefused } = await import("../emulator/index.ts");
  return startEmulator(options).catch((error: unknown): never => {
    if (!(error instanceof StartRefused)) throw error;
    throw new UscError(error.why === "in use" ? "conflict" : "usage", error.message, { hint: error.hint });
  });
}

/** Says where secrets may go from now on, so it is audited as any write is. Gives what takes it back. */
async function register(ready: EmulatorReady, home: string): Promise<() => Promise<void>> {
  const cloud = cloudOf(ready);
  const store = await openState({ home, environment: process.env });
  const warn = (sentence: string): void => writeAll(2, `usc: ${safeLine(sentence)}\n`);
  const witness = { audit: store.audit, clock: systemClock, seen: {}, caller, warn };
  const write = (operation: string, act: () => Promise<void>) => audited("write", { operation, item: `/${cloud.name}` }, witness, act);
  await write("emulator start", () => registerLocalCloud(store, cloud, answers));
  return () => write("emulator stop", () => unregisterLocalCloud(store, cloud));
}

export function cloudOf(ready: EmulatorReady): Cloud {
  const [vault] = ready.vaults;
  if (vault === undefined) throw new UscError("usage", "A local Azure needs a vault.");
  return {
    name: ready.cloud,
    "authority-host": ready.authority_host,
    "key-vault-suffix": new URL(vault.url).host.slice(vault.name.length + 1),
    "key-vault-audience": "https://vault.azure.net",
    "graph-endpoint": ready.graph_endpoint,
    "arm-endpoint": ready.arm_endpoint,
    "ca-pem": readFileSync(ready.ca_file, "utf8"),
    control: ready.control,
    "created-at": rfc3339(systemClock.now()),
  };
}

/** Whether somebody answers at a control URL. */
const answers = (control: string): Promise<boolean> =>
  new Promise((resolve) => {
    get(`${control}/requests`, { timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on("timeout", () => resolve(true))
      .on("error", () => resolve(false));
  });

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        name: { type: "string", default: "emulator" },
        port: { type: "string" },
        "proxy-port": { type: "string" },
        "data-dir": { type: "string" },
        vault: { type: "string", multiple: true },
        "no-register": { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch {
    throw new UscError("usage", "`usc emulator start` does not take these flags.", { hint: "`usc emulator start --help` lists them." });
  }
}

function portOf(flag: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^\d{1,5}$/u.test(given) || Number(given) > 65_535)
    throw new UscError("usage", `--${flag} is not valid: expected a port, 0 to 65535.`);
  return Number(given);
}
