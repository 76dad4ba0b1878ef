import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";
import { type Ack, chain, type Seen, seenIn, standing } from "./gateway-writes.ts";

const lab = await localAzure();
let killPoints = 0;
let lost = 0;
afterAll(async () => {
  await lab.stop();
  console.log(`gateway: ${killPoints} kill points, ${lost} lost`);
});

type Gateway = Awaited<ReturnType<typeof gatewayOver>>;
const clients = 6;
const rounds = 10;
const writesPerRound = 100;

/** Writes until the gateway is gone; `tell` hears of each write that was begun, and again when it was acknowledged. */
async function writeOn(gateway: Gateway, client: string, tell: (ack: Ack) => void): Promise<void> {
  const token = await gateway.login(gateway.admin);
  for (let turn = 0; ; turn++) {
    for (const write of chain) {
      const ack: Ack = { write, tag: `${client}-${turn}`, acknowledged: false };
      const body = write.body(ack.tag, { gateway, ready: lab.ready, vault: lab.vault.name });
      tell(ack);
      const reply = await gateway.post(write.route, { ...body, token }).catch(() => undefined);
      if (reply === undefined) return;
      expect([write.route, reply.status, reply.json]).toEqual([write.route, 200, expect.anything()]);
      ack.acknowledged = true;
      ack.answer = reply.json;
      tell(ack);
    }
  }
}

/** One gateway, until it has acknowledged so many writes and a little longer. Gives all that was begun. */
async function killedRound(round: number): Promise<Ack[]> {
  const gateway = await gatewayOver(lab);
  const begun: Ack[] = [];
  let acknowledged = 0;
  const tell = (ack: Ack): void => {
    if (!ack.acknowledged) begun.push(ack);
    else if (++acknowledged === writesPerRound) {
      // Somewhere in what is under way by then.
      const end = performance.now() + ((round * 0.71) % 5);
      while (performance.now() < end);
      process.kill(gateway.pid, "SIGKILL");
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => writeOn(gateway, `r${round}-${client}`, tell)));
  killPoints++;
  return begun;
}

function held(all: readonly Ack[], seen: Seen): void {
  for (const ack of all) {
    const stands = standing(ack, seen);
    const what = `${ack.write.route} ${ack.tag}`;
    if (ack.acknowledged && stands !== "whole") lost++;
    expect([what, stands]).toEqual([what, ack.acknowledged ? "whole" : expect.stringMatching(/^(whole|absent)$/u)]);
  }
}

describe("a gateway that is killed with -9 in a thousand mixed writes of six clients", () => {
  it("has done all that it acknowledged; what it did not is whole or absent; its audit is whole", async () => {
    const all: Ack[] = [];
    for (let round = 0; round < rounds; round++) {
      all.push(...(await killedRound(round)));
      held(all, await seenIn(lab));
      const { findings } = await openStore({ home: lab.home }).audit.verify();
      expect(findings).toEqual([]);
    }
    expect(all.filter(({ acknowledged }) => acknowledged).length).toBeGreaterThanOrEqual(rounds * writesPerRound);
    expect(new Set(all.map(({ write }) => write.route)).size).toBe(chain.length);
    const gateway = await gatewayOver(lab);
    const token = await gateway.login(gateway.admin);
    expect((await gateway.post("list-roles", { token })).status).toBe(200);
    expect(await gateway.stop()).toBe(0);
  }, 600_000);
});

const tiny = join(lab.folder, "tiny");
mkdirSync(tiny);
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", tiny]).status === 0;
afterAll(() => {
  if (mounted) spawnSync("umount", ["-l", tiny]);
});

describe.runIf(mounted)("a gateway under which the disk becomes full (needs the right to mount)", () => {
  it("answers unavailable to writes and goes on reading, and recovers without a restart when there is room", async () => {
    const home = join(tiny, "home");
    cpSync(lab.home, home, { recursive: true });
    await lab.control(`/secrets/${lab.vault.name}/full-disk`, "PUT", { value: "v" });
    const gateway = await gatewayOver({ home, folder: lab.folder });
    const token = await gateway.login(gateway.admin);
    const get = () => gateway.post("usc-get", { token, "usc-name": "kv", "secret-id": "full-disk" });
    expect((await get()).status).toBe(200);
    const ballast = join(tiny, "ballast");
    const make = (name: string) => gateway.post("create-role", { token, name });
    for (let round = 0; round < 3; round++) {
      spawnSync("sh", ["-c", `cat /dev/zero > ${ballast}`]);
      const made: string[] = [];
      // The log may have room left in it from before.
      let reply = await make(`full-${round}-0`);
      for (let index = 1; reply.status === 200 && index < 2000; index++) {
        made.push(`/full-${round}-${index - 1}`);
        reply = await make(`full-${round}-${index}`);
      }
      expect(reply).toMatchObject({ status: 503, json: { code: "unavailable", error: expect.stringMatching(/The disk is full/u) } });
      const refused = await gateway.post("usc-create", { token, "usc-name": "kv", "secret-name": `refused-${round}`, value: "v" });
      expect(refused).toMatchObject({
        status: 503,
        json: { error: expect.stringMatching(/^Nothing was done, since it could not be audited/u) },
      });
      expect((await get()).status).toBe(200);
      expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
      rmSync(ballast);
      expect((await make(`roomy-${round}`)).status).toBe(200);
      const { json } = await gateway.post("list-roles", { token, filter: `full-${round}-` });
      expect((json["roles"] as { role_name: string }[]).map(({ role_name: name }) => name).toSorted()).toEqual(made.toSorted());
    }
    expect((await gateway.post("audit-verify", { token })).status).toBe(200);
    expect((await lab.usc(["list", "--usc-name", "kv", "--search", "refused"])).json).toMatchObject({ secrets_list: [] });
    expect(await gateway.stop()).toBe(0);
  });
});
