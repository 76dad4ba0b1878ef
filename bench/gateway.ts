import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { file, median, stage, tell, usc } from "./stage.ts";

// `usc-get` through the gateway against the same GET through a bare proxy, 64 connections. `node bench/gateway.ts PAIRS REQUESTS`; with a third
// number, the memory after so many requests, and after ten times as many. The vaults are many, since Key Vault takes 4,000 requests of one in ten
// seconds, which the gateway heeds.
const [pairs = 10, requests = 6000, memoryAfter = 0] = process.argv.slice(2).map(Number);
const { ready, connectors, home, environment, token, end } = await stage("gateway", 16);
const secretUrls = ready.vaults.map((vault) => `${vault.direct_url}/secrets/probe?api-version=7.4`);

interface Server {
  child: ChildProcess;
  url: string;
  bodies: string[];
}

async function started(argv: readonly string[], extra: Record<string, string> = {}): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, argv, { env: { ...environment, ...extra }, stdio: ["ignore", "pipe", "ignore"] });
  if (child.stdout === null) throw new Error("no output");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, url: (JSON.parse(line.toString()) as { url: string }).url };
}

/** Seconds of CPU, user and system. */
function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const megabytesOf = ({ pid }: ChildProcess): number =>
  Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

function load({ child, url, bodies }: Server, count: number): { cpu: number; wall: number; failed: number } {
  const before = cpuOf(child);
  const told = execFileSync(process.execPath, [file("load.cjs")], {
    env: { URL: url, BODIES: JSON.stringify(bodies), COUNT: String(count) },
    encoding: "utf8",
  });
  const { failed, seconds } = JSON.parse(told) as { failed: number; seconds: number };
  return { cpu: (cpuOf(child) - before) / count, wall: seconds / count, failed };
}

const bootstrap = join(home, "admin.json");
const gateway = await started([usc, "gateway", "start", "--listen", "127.0.0.1:0", "--bootstrap-file", bootstrap]);
const proxy = await started([file("bare-proxy.cjs")], { URLS: JSON.stringify(secretUrls), TOKEN: token() });
try {
  const { access_id, access_key } = JSON.parse(readFileSync(bootstrap, "utf8")) as { access_id: string; access_key: string };
  const login = await fetch(`${gateway.url}/auth`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ "access-id": access_id, "access-key": access_key }),
  });
  const { token: bearer } = (await login.json()) as { token: string };
  const bodies = connectors.map((connector) => JSON.stringify({ token: bearer, "usc-name": `/${connector}`, "secret-id": "probe" }));
  const [ours, yardstick] = [
    { ...gateway, bodies },
    { ...proxy, bodies },
  ];
  load(ours, requests);
  load(yardstick, requests);
  const ratios = { cpu: [] as number[], wall: [] as number[] };
  const own = { cpu: [] as number[], wall: [] as number[] };
  let failed = 0;
  for (let index = 0; index < pairs; index += 1) {
    const oursFirst = index % 2 === 0;
    const first = load(oursFirst ? ours : yardstick, requests);
    const second = load(oursFirst ? yardstick : ours, requests);
    const [a, b] = oursFirst ? [first, second] : [second, first];
    for (const figure of ["cpu", "wall"] as const) {
      ratios[figure].push(a[figure] / b[figure]);
      own[figure].push(a[figure]);
    }
    failed += a.failed + b.failed;
  }
  const each = `${requests} usc-get at 64 connections / bare hono proxy`;
  tell(each, "cpu", median(ratios.cpu), 1.8, `${Math.round(median(own.cpu) * 1e6)} µs a request`);
  tell(each, "throughput", median(ratios.wall), 1.8, `${Math.round(1 / median(own.wall))} requests a second`);
  console.log(`failed: ${failed}`);
  if (memoryAfter > 0) {
    failed = load(ours, memoryAfter).failed;
    const before = megabytesOf(gateway.child);
    failed += load(ours, memoryAfter * 9).failed;
    const after = megabytesOf(gateway.child);
    console.log(
      `memory after ${memoryAfter} requests ${before.toFixed(0)} MB, after ${memoryAfter * 10} ${after.toFixed(0)} MB; failed: ${failed}`,
    );
  }
} finally {
  gateway.child.kill();
  proxy.child.kill();
  end();
}
