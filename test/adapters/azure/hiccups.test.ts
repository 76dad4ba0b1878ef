import { spawn } from "node:child_process";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adapterOf, failure, json, scriptedAzure, secret, type ScriptedAzure } from "./scripted-azure.ts";
import { memoryStore } from "../../support/memory-store.ts";
import type { Limits } from "../../../src/features/connectors/port.ts";

let azure: ScriptedAzure;
beforeEach(async () => void (azure = await scriptedAzure()));
afterEach(() => azure.stop());

describe("hiccups", () => {
  const times = (count: number, status: number, headers: Record<string, string> = {}): void => {
    let left = count;
    azure.scripts.vault = (_seen, response) =>
      (left -= 1) < 0 ? json(response, 200, secret(azure.origin)) : json(response, status, { error: { code: "Throttled" } }, headers);
  };
  const tokens = (): number => azure.seen.filter(({ headers }) => headers.authorization !== undefined).length;

  it("a throttled read without Retry-After is asked again, ever later", async () => {
    times(3, 429);
    const { adapter, clock } = adapterOf();
    await adapter.get(azure.vault, "x");
    expect(tokens()).toBe(4);
    expect(clock.sleeps).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
    for (const [index, slept] of clock.sleeps.entries()) {
      expect(slept).toBeGreaterThanOrEqual(250 * 2 ** index);
      expect(slept).toBeLessThanOrEqual(750 * 2 ** index);
    }
  });

  it("Retry-After is honoured, up to the deadline", async () => {
    times(1, 429, { "retry-after": "7" });
    const { adapter, clock } = adapterOf();
    await adapter.get(azure.vault, "x");
    expect(clock.sleeps).toEqual([7000]);
    times(1, 429, { "retry-after": "31" });
    await expect(adapter.get(azure.vault, "x")).rejects.toMatchObject({ code: "unavailable", details: { retryAfter: 31 } });
    expect(clock.sleeps).toEqual([7000]);
  });

  it("a read survives a 503 and a cut connection, and gives up after four tries", async () => {
    let asked = 0;
    azure.scripts.vault = (_seen, response) => {
      asked += 1;
      if (asked === 1) failure(response, 503, "ServerError");
      else if (asked === 2) response.destroy();
      else json(response, 200, secret(azure.origin));
    };
    const { adapter } = adapterOf();
    await adapter.get(azure.vault, "x");
    azure.seen.length = 0;
    azure.scripts.vault = (_seen, response) => void response.destroy();
    await expect(adapter.get(azure.vault, "x")).rejects.toMatchObject({ code: "unavailable" });
    expect(tokens()).toBe(4);
  });

  it("Retry-After may be a date, which counts from the answer's own", async () => {
    times(1, 429, { date: "Mon, 01 Jan 2035 00:00:00 GMT", "retry-after": "Mon, 01 Jan 2035 00:00:09 GMT" });
    const { adapter, clock } = adapterOf();
    await adapter.get(azure.vault, "x");
    expect(clock.sleeps).toEqual([9000]);
  });

  it("the caller says how often and how long", async () => {
    const { adapter, clock } = adapterOf();
    const within = (limits: Limits) => adapter.get({ ...azure.vault, limits }, "x");
    times(100, 503);
    for (const maxRetries of [0, 1, 6]) {
      azure.seen.length = 0;
      await expect(within({ maxRetries, deadline: clock.now() + 100_000 })).rejects.toMatchObject({ code: "unavailable" });
      expect(tokens()).toBe(maxRetries + 1);
    }
    const began = clock.now();
    await expect(within({ maxRetries: 10, deadline: began + 5000 })).rejects.toMatchObject({ code: "unavailable" });
    expect(clock.now()).toBeLessThanOrEqual(began + 5000);
    azure.seen.length = 0;
    await expect(within({ deadline: clock.now() })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("The time given was over"),
    });
    expect(azure.seen).toEqual([]);
  });

  it("a login is asked again as often as the caller says", async () => {
    azure.scripts.token = (_seen, response) => failure(response, 503, "x");
    const vault = { ...azure.vault, limits: { maxRetries: 2 } };
    await expect(adapterOf().adapter.get(vault, "x")).rejects.toMatchObject({ code: "unavailable" });
    expect(azure.seen.filter(({ path }) => path.includes("/oauth2/"))).toHaveLength(3);
  });

  it("a host that takes no connection is given up after the time for one request", async () => {
    // Its queue holds one connection and a half, and nobody takes any out.
    const deaf = spawn(process.execPath, [
      "-e",
      `require("node:net").createServer().listen(0, "127.0.0.1", 1, function () {
        require("node:fs").writeSync(1, String(this.address().port));
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`,
    ]);
    const port = Number(await new Promise((resolve) => deaf.stdout.once("data", resolve)));
    const filling = [1, 2, 3].map(() => connect(port, "127.0.0.1").on("error", () => {}));
    const vault = { ...azure.vault, url: `https://127.0.0.1:${port}`, limits: { maxRetries: 0 } };
    await expect(adapterOf({ perRequestMs: 200 }).adapter.get(vault, "x")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("in time"),
    });
    for (const socket of filling) socket.destroy();
    deaf.kill("SIGKILL");
  });

  it("a write is repeated after 429 alone", async () => {
    times(2, 429);
    const { adapter } = adapterOf();
    await adapter.set(azure.vault, "x", { value: "v" });
    expect(tokens()).toBe(3);
  });

  it("a write whose connection never stood is sent again, since nobody has seen it", async () => {
    const store = memoryStore();
    await adapterOf({ store }).adapter.get(azure.vault, "x");
    const { adapter } = adapterOf({ store });
    azure.seen.length = 0;
    azure.hangUpOnNext();
    await adapter.set(azure.vault, "x", { value: "v" });
    expect(azure.seen.map(({ method }) => method)).toEqual(["PUT"]);
  });

  it("a vault that does not answer is given up", async () => {
    azure.scripts.vault = () => {};
    await expect(adapterOf({ perRequestMs: 30 }).adapter.get(azure.vault, "x")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("in time"),
    });
  });

  it("a refused connection is told at once", async () => {
    const { adapter, clock } = adapterOf();
    const vault = { ...azure.vault, url: "https://127.0.0.1:1" };
    await expect(adapter.get(vault, "x")).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("refused") });
    expect(clock.sleeps).toEqual([]);
  });

  it("an untrusted certificate is told at once, whatever the environment says", async () => {
    const { adapter, clock } = adapterOf();
    const { "ca-pem": _, ...cloud } = azure.vault.cloud;
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      await expect(adapter.get({ ...azure.vault, cloud }, "x")).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("not trusted"),
      });
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
    expect([azure.seen, clock.sleeps]).toEqual([[], []]);
  });
});
