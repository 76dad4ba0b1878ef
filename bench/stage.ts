import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EmulatorReady } from "../src/emulator/index.ts";
import { typed } from "../test/support/furniture.ts";

export const usc = join(import.meta.dirname, "../bin/usc.js");
export const file = (name: string): string => join(import.meta.dirname, name);

/**
 * A local Azure in a process of its own, since the benchmark blocks while it measures a child; and a usc with connectors `kv`, `kv1`, ... to its vaults,
 * each of which holds `probe`.
 */
export async function stage(name: string, vaultCount = 1) {
  const home = mkdtempSync(join(tmpdir(), "usc-bench-"));
  const names = Array.from({ length: vaultCount }, (_, at) => ["--vault", `bench${at}`]).flat();
  const emulator = spawn(process.execPath, [usc, "emulator", "start", "--name", name, "--no-register", ...names], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(emulator.stdout, "data")) as [Buffer];
  const ready = JSON.parse(line.toString()) as EmulatorReady;
  const vault = ready.vaults[0];
  if (vault === undefined) throw new Error("the local Azure has no vault");
  const environment: Record<string, string> = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    USC_HOME: join(home, "state"),
    XDG_CACHE_HOME: home,
    NODE_EXTRA_CA_CERTS: ready.ca_file,
  };
  const control = async (path: string, method = "GET", body?: unknown): Promise<unknown> => {
    const response = await fetch(`${ready.control}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    if (!response.ok) throw new Error(`control ${path}: ${response.status}`);
    const text = await response.text();
    return text === "" ? {} : JSON.parse(text);
  };
  const run = (argv: readonly string[], input = ""): string =>
    execFileSync(process.execPath, [usc, ...argv], { env: environment, input, encoding: "utf8" });
  /** Of the machine's own identity in the local Azure. */
  const token = (): string => {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: ready.client_id,
      client_secret: ready.client_secret,
      scope: "https://vault.azure.net/.default",
    });
    const ask = `require("https").request(process.argv[1],{method:"POST",headers:{"content-type":"application/x-www-form-urlencoded"}},r=>r.pipe(process.stdout)).end(process.argv[2])`;
    const login = `${ready.authority_host}/${ready.tenant_id}/oauth2/v2.0/token`;
    const answer = execFileSync(process.execPath, ["-e", ask, login, form.toString()], { env: environment, encoding: "utf8" });
    return (JSON.parse(answer) as { access_token: string }).access_token;
  };
  for (const { argv, input } of typed(ready, "bench")) run(argv, input);
  // By its direct URL, so that the bare programs need no resolver of their own.
  const connectors: string[] = [];
  for (const [at, each] of ready.vaults.entries()) {
    const connector = `kv${at === 0 ? "" : at}`;
    run(["create-usc", "--name", connector, "--target-to-associate", "t", "--azure-kv-url", each.direct_url]);
    await control(`/secrets/${each.name}/probe`, "PUT", { value: "v" });
    connectors.push(connector);
  }
  const end = (): void => {
    emulator.kill();
    rmSync(home, { recursive: true, force: true });
  };
  return { ready, vault, connectors, home, environment, control, run, token, end };
}

/** Seconds. */
export interface Figures {
  cpu: number;
  wall: number;
}

/** Bash's `time` reads the same counters as getrusage for the finished child. */
export function measure(argv: readonly string[], env: Record<string, string>): Figures {
  const result = spawnSync("bash", ["-c", `TIMEFORMAT='%3U %3S %3R'; time "$@" >/dev/null 2>&1`, "bash", process.execPath, ...argv], {
    env,
    encoding: "utf8",
  });
  const [user = 0, system = 0, wall = 0] = result.stderr.trim().split(" ").map(Number);
  return { cpu: user + system, wall };
}

export const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** One line: what, its ratio to the yardstick, the bar, and what of ours was measured. */
export function tell(what: string, figure: string, ratio: number, bar: number, own: string): void {
  const verdict = Number.isNaN(bar) ? "" : ratio <= bar ? "ok" : "OVER";
  console.log(
    `${what.padEnd(62)} ${figure.padEnd(10)} ${ratio.toFixed(2)}  bar ${Number.isNaN(bar) ? "-   " : bar.toFixed(2)}  ${verdict}  (${own})`,
  );
}
