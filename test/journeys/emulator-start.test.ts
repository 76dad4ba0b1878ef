import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkout, cli } from "../support/cli.ts";

const { usc, home, folder, clean } = cli();
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  clean();
});

interface Ready {
  ready: true;
  cloud: string;
  vaults: { name: string; url: string; direct_url: string }[];
  tenant_id: string;
  client_id: string;
  client_secret: string;
  control: string;
}

async function start(...flags: string[]): Promise<{ ready: Ready; child: ChildProcess }> {
  const child = spawn(process.execPath, [join(checkout, "bin/usc.js"), "emulator", "start", ...flags], {
    env: { PATH: process.env["PATH"], HOME: folder, USC_HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.push(child);
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line")) as [string];
  return { ready: JSON.parse(line) as Ready, child };
}

const names = async (): Promise<string[]> =>
  ((await usc(["cloud", "list"])).json["clouds"] as { name: string }[]).map((cloud) => cloud.name);

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  child.kill(signal);
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

describe("usc emulator start", () => {
  it("registers its cloud, works with the identity of its ready line, and leaves no trace when stopped", async () => {
    const { ready, child } = await start("--name", "one");
    expect(await names()).toContain("one");
    const azure = ["--tenant-id", ready.tenant_id, "--client-id", ready.client_id, "--client-secret-file", "-"];
    await usc(["target", "create", "azure", "--name", "t", "--azure-cloud", "one", ...azure], { input: ready.client_secret });
    for (const [name, url] of [
      ["by-name", ["--azure-kv-name", "demo"]],
      ["by-url", ["--azure-kv-url", ready.vaults[0]?.direct_url ?? ""]],
    ] as const) {
      await usc(["create-usc", "--name", name, "--target-to-associate", "t", ...url]);
      expect((await usc(["list", "--usc-name", name])).json).toEqual({ secrets_list: [] });
    }
    expect(await end(child, "SIGTERM")).toBe(0);
    expect(await names()).not.toContain("one");
    const gone = await usc(["list", "--usc-name", "by-name"]);
    expect(gone.exit).toBe(3);
  });

  it("is conflict while another of its name runs, and replaces one that died", async () => {
    const { child } = await start("--name", "two");
    const second = await usc(["emulator", "start", "--name", "two"]);
    expect(second.failure).toMatchObject({ code: "conflict", error: expect.stringMatching(/is running/u) });
    await end(child, "SIGKILL");
    const again = await start("--name", "two");
    expect(again.ready.cloud).toBe("two");
    expect(await end(again.child, "SIGINT")).toBe(0);
  });

  it("--no-register touches no store", async () => {
    const { child } = await start("--name", "three", "--no-register");
    expect(await names()).not.toContain("three");
    await end(child, "SIGTERM");
  });

  it("--data-dir keeps vaults, keys and the registration", async () => {
    const data = join(folder, "data");
    const first = await start("--name", "kept", "--data-dir", data);
    await end(first.child, "SIGTERM");
    expect(await names()).toContain("kept");
    const second = await start("--name", "kept", "--data-dir", data);
    expect(second.ready.client_secret).toBe(first.ready.client_secret);
    await end(second.child, "SIGTERM");
  });

  it.each([
    ["--port", "x"],
    ["--port", "70000"],
    ["--nmae", "x"],
    ["--name", "a b"],
    ["--name", ""],
    ["--name", "../x"],
    // Where making folders never ends.
    ["--data-dir", "/proc/nope/data"],
  ])("%s %j is usage", async (...flags) => {
    expect((await usc(["emulator", "start", ...flags])).exit).toBe(2);
  });

  it("takes no name of a cloud that is built in", async () => {
    const { exit, failure } = await usc(["emulator", "start", "--name", "azurecloud"]);
    expect([exit, failure.error]).toEqual([4, "azurecloud is built in."]);
  });

  it("says so where no folder can be made", async () => {
    const { exit, failure } = await usc(["emulator", "start"], { env: { TMPDIR: "/nonexistent" } });
    expect([exit, failure.error]).toEqual([2, "No folder can be made in /nonexistent (ENOENT)."]);
  });
});
