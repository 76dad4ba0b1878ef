import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf } from "../faults/faults.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";
import { until } from "../support/program.ts";

const lab = await localAzure();
let gateway: Awaited<ReturnType<typeof gatewayOver>>;
let token = "";
const atOnce = 40;
const body = () => ({ token, "usc-name": "kv", "secret-id": "probe", "max-retries": 0, timeout: 1 });
const get = () => gateway.post("usc-get", body());
const healthy = async (): Promise<number> => (await fetch(`${gateway.url}/healthz`)).status;

/** Its connections to that port, whatever their state. */
function connectionsTo(port: number): number {
  const own = new Set(
    readdirSync(`/proc/${gateway.pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/u.exec(readlinkSync(`/proc/${gateway.pid}/fd/${fd}`))?.[1];
      } catch {
        // It was closed in between.
        return undefined;
      }
    }),
  );
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = ["tcp", "tcp6"].flatMap((family) => readFileSync(`/proc/${gateway.pid}/net/${family}`, "utf8").trim().split("\n").slice(1));
  return rows
    .map((row) => row.trim().split(/\s+/u))
    .filter(([, , remote, , , , , , , inode]) => remote?.endsWith(`:${hex}`) && own.has(inode)).length;
}
// A connection that is opened while another becomes free is kept as well.
const most = 2 * atOnce;
const azurePort = Number(new URL(lab.vault.url).port);
const storm = () => Promise.all(Array.from({ length: atOnce }, get));

beforeAll(async () => {
  gateway = await gatewayOver(lab, ["--log-level", "error"]);
  token = await gateway.login(gateway.admin);
  await lab.control(`/secrets/${lab.vault.name}/probe`, "PUT", { value: "v" });
  // Every connection that is kept has been opened once.
  await storm();
  expect(connectionsTo(azurePort)).toBeGreaterThan(0);
});
afterAll(async () => {
  expect(await gateway.stop()).toBe(0);
  await lab.stop();
});

const kinds = faultsOf("secret").filter(([what]) => /^(429|500|503|hang|reset|cut|garbage|redirect)$/u.test(what));

describe("a gateway whose Azure", () => {
  it.each(kinds)("answers %s is not taken down, answers each caller, and keeps no connection", async (_, { plan }) => {
    await lab.control("/faults", "POST", { path: "/secrets/*", times: 1_000_000, ...plan });
    const storming = storm();
    expect(await healthy()).toBe(200);
    // What one of them leaves open, three leave three times.
    const answers = [...(await storming), ...(await storm()), ...(await storm())];
    await lab.control("/faults", "DELETE");
    expect(new Set(answers.map(({ status, json }) => `${status} ${String(json["code"])}`))).toEqual(new Set(["503 unavailable"]));
    expect((await get()).status).toBe(200);
    await until("what the fault left open is closed", () => connectionsTo(azurePort) <= most);
    expect(await healthy()).toBe(200);
  });

  it("hangs while its callers go away keeps nothing of them", async () => {
    await lab.control("/faults", "POST", { path: "/secrets/*", times: 1_000_000, hold: "before" });
    const leaving = Array.from({ length: 3 * atOnce }, () => {
      const asked = request(`${gateway.url}/usc-get`, { method: "POST", agent: false, headers: { "content-type": "application/json" } });
      asked.on("error", () => {});
      asked.end(JSON.stringify(body()));
      return asked;
    });
    await until("they are all held", async () => (await held()) >= 3 * atOnce);
    for (const asked of leaving) asked.destroy();
    await until("all is closed", () => connectionsTo(azurePort) <= most);
    await lab.control("/faults", "DELETE");
    expect((await get()).status).toBe(200);
  });
});

async function held(): Promise<number> {
  const { faults } = (await lab.control("/faults")) as { faults: { held: number }[] };
  return faults[0]?.held ?? 0;
}
