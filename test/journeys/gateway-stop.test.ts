import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { gatewayOver } from "../support/gateway.ts";
import { cli } from "../support/cli.ts";
import { localAzure } from "../support/local-azure.ts";
import { program, start, until } from "../support/program.ts";

const lab = await localAzure();
afterAll(() => lab.stop());

async function held(path: string): Promise<void> {
  await until("the vault holds the request", async () => {
    const { faults } = (await lab.control("/faults")) as { faults: { path: string; held: number }[] };
    return faults.some((fault) => fault.path === path && fault.held === 1);
  });
}

const looked = async (url: string, path: string): Promise<[number, unknown]> => {
  const response = await fetch(`${url}/${path}`);
  return [response.status, await response.json()];
};

describe("a gateway that is told to stop", () => {
  it("finishes what runs, takes no new work, says so, and ends with 0", async () => {
    const gateway = await gatewayOver(lab);
    const token = await gateway.login(gateway.admin);
    expect(await looked(gateway.url, "readyz")).toEqual([200, { status: "ready" }]);
    await lab.control("/faults", "POST", { method: "PUT", path: "/secrets/last", hold: "before" });
    const running = gateway.post("usc-create", { token, "usc-name": "kv", "secret-name": "last", value: "v" });
    await held("/secrets/last");
    const exit = gateway.stop();
    await until("it says that it stops", async () => (await looked(gateway.url, "readyz"))[0] === 503);
    expect(await looked(gateway.url, "readyz")).toEqual([503, { status: "stopping" }]);
    expect(await looked(gateway.url, "healthz")).toEqual([200, { status: "ok" }]);
    const refused = await gateway.post("list-items", { token });
    expect(refused).toMatchObject({ status: 503, json: { code: "unavailable", error: "The gateway is stopping, and takes no new work." } });
    expect(refused.headers.get("retry-after")).toBe("1");
    await lab.control("/faults", "DELETE");
    expect((await running).status).toBe(200);
    expect(await exit).toBe(0);
    expect((await lab.usc(["get", "--usc-name", "kv", "-s", "last", "-o", "raw"])).stdout).toBe("v");
  });

  it("does not wait for whoever is connected and asks nothing", async () => {
    const gateway = await gatewayOver(lab);
    await gateway.post("auth", {});
    expect(await gateway.stop()).toBe(0);
  });

  it("does not wait longer than 20 s for an Azure that hangs; the write is in the audit as one whose end is not known", async () => {
    const gateway = await gatewayOver(lab);
    const token = await gateway.login(gateway.admin);
    await lab.control("/faults", "POST", { method: "*", path: "/secrets/hangs", hold: "before", times: 100 });
    const lost = gateway.post("usc-create", { token, "usc-name": "kv", "secret-name": "hangs", value: "v" }).catch(() => "lost");
    await held("/secrets/hangs");
    const began = performance.now();
    expect(await gateway.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(await lost).toBeDefined();
    await lab.control("/faults", "DELETE");
    const { entries } = (await lab.usc(["audit", "list"])).json as { entries: Record<string, unknown>[] };
    expect(entries.find(({ object }) => object === "hangs")).toMatchObject({ operation: "create", caller: "/admin", outcome: "unknown" });
    expect((await lab.usc(["audit", "verify"])).exit).toBe(0);
  });

  it("ends at once when it is told twice", async () => {
    const gateway = await gatewayOver(lab);
    const token = await gateway.login(gateway.admin);
    await lab.control("/faults", "POST", { method: "*", path: "/secrets/twice", hold: "before", times: 100 });
    const lost = gateway.post("usc-get", { token, "usc-name": "kv", "secret-id": "twice" }).catch(() => "lost");
    await held("/secrets/twice");
    const first = gateway.stop();
    await until("it has heard the first", () => gateway.told().some(({ msg }) => msg === "stopping"));
    process.kill(gateway.pid, "SIGTERM");
    await first;
    expect(await lost).toBe("lost");
    await lab.control("/faults", "DELETE");
  });
});

it("/readyz says when the state cannot be read, and when it can again", async () => {
  const tool = cli();
  const gateway = await gatewayOver(tool);
  expect((await looked(gateway.url, "readyz"))[0]).toBe(200);
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(join(tool.home, "usc.db"));
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'records'").all();
  expect(tables).toHaveLength(1);
  database.exec("ALTER TABLE records RENAME TO hidden");
  await until("it says so", async () => (await looked(gateway.url, "readyz"))[0] === 503);
  expect(await looked(gateway.url, "readyz")).toEqual([503, { status: "the state cannot be read" }]);
  expect((await looked(gateway.url, "healthz"))[0]).toBe(200);
  database.exec("ALTER TABLE hidden RENAME TO records");
  database.close();
  expect((await looked(gateway.url, "readyz"))[0]).toBe(200);
  await gateway.stop();
  tool.clean();
});

describe.runIf(process.platform === "linux")("G14 SIGUSR1 (needs Linux's /proc)", () => {
  /** Ports that a process listens on. */
  const listening = (pid: number): string[] => {
    const sockets = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)));
    return ["tcp", "tcp6"].flatMap((table) =>
      readFileSync(`/proc/${pid}/net/${table}`, "utf8")
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/u))
        .filter((row) => row[3] === "0A" && sockets.has(row[9] ?? ""))
        .map((row) => String(row[1])),
    );
  };

  it("opens no debugger in the gateway", async () => {
    const gateway = await gatewayOver(lab);
    const before = listening(gateway.pid);
    expect(before).toHaveLength(1);
    process.kill(gateway.pid, "SIGUSR1");
    // Node would open it in a thread of its own: it gets many turns to.
    for (let turn = 0; turn < 100; turn += 1) expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    expect(listening(gateway.pid)).toEqual(before);
    expect(gateway.heard.join("")).not.toContain("Debugger");
    expect(await gateway.stop()).toBe(0);
  });

  it("nor in the local Azure", async () => {
    const { child, ended } = start(lab, [...program, "emulator", "start", "--no-register"]);
    const line = await new Promise<string>((resolve) => child.stdout?.once("data", (text: string) => resolve(text)));
    const { control } = JSON.parse(line) as { control: string };
    const before = listening(child.pid ?? 0);
    expect(before.length).toBeGreaterThan(0);
    child.kill("SIGUSR1");
    for (let turn = 0; turn < 100; turn += 1) expect((await fetch(`${control}/requests`)).status).toBe(200);
    expect(listening(child.pid ?? 0)).toEqual(before);
    child.kill("SIGTERM");
    expect((await ended).stderr).not.toContain("Debugger");
  });
});

function inodeOf(path: string): string[] {
  try {
    return [/^socket:\[(\d+)\]$/u.exec(readlinkSync(path))?.[1] ?? ""];
  } catch {
    return []; // closed meanwhile
  }
}
