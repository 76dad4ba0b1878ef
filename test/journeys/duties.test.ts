import { afterAll, describe, expect, it } from "vitest";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";
import { until } from "../support/program.ts";
import { receiver } from "../support/receiver.ts";

const lab = await localAzure();
const ear = await receiver();
afterAll(async () => {
  await ear.stop();
  await lab.stop();
});
const soon = new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z/u, "Z");
type Row = Record<string, unknown>;
const duties = async (argv: readonly string[]): Promise<Row[]> => (await lab.usc(["duty", ...argv])).json["duties"] as Row[];

describe("usc duty", () => {
  it("tells a webhook of a secret and a certificate that expire soon, from cron", async () => {
    await lab.usc(["create", "-n", "kv", "-s", "db", "--value-file", "-", "--expires-on", soon], { input: "v" });
    await lab.usc(["create", "-n", "kv", "-s", "web", "--object-type", "certificate", "--subject", "CN=web", "--validity-months", "1"]);
    await lab.usc(["event-forwarder", "create", "webhook", "--name", "ops", "--url", ear.url("/hook"), "--allow-private"]);
    const rows = await duties(["run", "--notify-before", "40d"]);
    expect(rows).toContainEqual({ name: "expiring-objects", outcome: "ok", detail: "2 notices, from 1 connectors." });
    // What one duty finds, the other tells in the same run.
    expect(rows).toContainEqual({ name: "event-delivery", outcome: "ok", detail: "2 delivered, 0 failed and wait, 0 given up." });
    const events = ear.heard.flatMap((post) => post.events);
    expect(events.map(({ event_type, item_name, payload }) => `${event_type} ${item_name} ${payload["object_name"]}`).sort()).toEqual([
      "certificate-pending-expiration /kv web",
      "secret-pending-expiration /kv db",
    ]);
    expect(JSON.stringify(ear.heard)).not.toContain('"v"');
  });

  it("is done by a gateway, under its own name in the audit, and told to who asks", async () => {
    await lab.usc(["create", "-n", "kv", "-s", "api", "--value-file", "-", "--expires-on", soon], { input: "v" });
    const before = ear.heard.length;
    const gateway = await gatewayOver(lab, ["--notify-before", "2d"]);
    const token = await gateway.login(gateway.admin);
    await gateway.post("duty-run", { token, name: "expiring-objects" });
    await until("the webhook is told", () => ear.heard.length > before);
    expect(ear.heard.at(-1)?.events[0]).toMatchObject({ event_type: "secret-pending-expiration", payload: { object_name: "api" } });
    const { json } = await gateway.post("duty-list", { token });
    expect((json["duties"] as Row[]).map(({ name, failures }) => [name, failures])).toEqual([
      ["audit-retention", 0],
      ["token-sweep", 0],
      ["expiring-objects", 0],
      ["rotation", 0],
      ["event-delivery", 0],
    ]);
    expect(await gateway.stop()).toBe(0);
    const { json: audit } = await lab.usc(["audit", "list", "--operation", "duty run"]);
    const callers = (audit["entries"] as Row[]).map(({ caller, item }) => `${String(caller)} ${String(item)}`);
    expect(callers).toContain("the gateway itself /event-delivery");
    expect(callers).toContain("/admin /expiring-objects");
  });

  it.each([
    ["--notify-before", "soon", "--notify-before is not valid"],
    ["--audit-retention", "1h", "--audit-retention is not valid"],
  ])("refuses %s %s, and so does a gateway before it starts", async (flag, given, sentence) => {
    for (const argv of [
      ["duty", "run"],
      ["duty", "list"],
      ["gateway", "start"],
    ]) {
      const { exit, failure } = await lab.usc([...argv, flag, given]);
      expect([exit, failure?.error]).toEqual([2, expect.stringContaining(sentence)]);
    }
  });
});
