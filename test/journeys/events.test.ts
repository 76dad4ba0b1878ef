import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { outbox } from "../../src/features/events/outbox.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { opensslFolder, p256 } from "../emulator/openssl.ts";
import { canaries } from "../support/canary.ts";
import { checkout, cli } from "../support/cli.ts";
import { expired } from "../support/event-house.ts";
import { gatewayOver } from "../support/gateway.ts";
import { receiver } from "../support/receiver.ts";

const openssl = opensslFolder();
const server = openssl.pair("server", "/CN=receiver", ...p256, "-addext", "subjectAltName=IP:127.0.0.1");
const there = await receiver({ key: server.key, cert: server.certificate });
const tool = cli();
const { usc, home, folder } = tool;
afterAll(async () => {
  await there.stop();
  tool.clean();
});

const token = "CANARY-of-the-token";
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content, { mode: 0o600 });
  return join(folder, name);
};
const ca = file("ca.pem", server.certificate);
const tokenFile = file("token", Buffer.from(token).toString("base64"));
const forward = async (name: string, path: string): Promise<string> => {
  const place = ["--url", there.url(path), "--server-certificates-file", ca, "--allow-private", "--auth-token-file", tokenFile];
  const { exit, json } = await usc(["event-forwarder", "create", "webhook", "--name", name, ...place]);
  expect(exit).toBe(0);
  return String(json["signing_secret"]);
};
/** As a room does it, in its own commit. */
const happen = async (name: string): Promise<void> => {
  const store = openStore({ home });
  await store.commit(await outbox({ store, clock: systemClock })([expired(name)]));
};
const deliver = async (): Promise<string> => {
  const { exit, json } = await usc(["duty", "run", "--name", "event-delivery"]);
  expect(exit).toBe(0);
  return String((json["duties"] as { detail: string }[])[0]?.detail);
};

/** What docs/guide/events.md tells receivers to do. */
type Check = (secret: string, headers: object, body: string, now?: number) => "new" | "again";
async function documentedCheck(): Promise<Check> {
  const guide = readFileSync(join(checkout, "docs/guide/events.md"), "utf8");
  const [, code = ""] = /```js\n(.*?)```/su.exec(guide) ?? [];
  const module = file("check.mjs", code);
  return ((await import(pathToFileURL(module).href)) as { check: Check }).check;
}

describe("events, from the command line", () => {
  it("are told to a receiver over TLS, which knows them by the documented check and refuses a replay", async () => {
    const secret = await forward("ops", "/ops");
    await happen("/prod/kv");
    expect(await deliver()).toBe("1 delivered, 0 failed and wait, 0 given up.");
    const [heard] = there.heard.splice(0);
    if (heard === undefined) throw new Error("nothing was heard");
    expect(heard.headers["authorization"]).toBe(`Bearer ${token}`);
    const check = await documentedCheck();
    const sent = Number(heard.headers["webhook-timestamp"]) * 1000;
    const verdict = (headers: object = heard.headers, body = heard.body, now = sent, by = secret) => check(by, headers, body, now);
    expect(verdict()).toBe("new");
    expect(verdict()).toBe("again");
    expect(() => verdict(heard.headers, heard.body, sent + 301_000)).toThrow("too old");
    expect(() => verdict(heard.headers, heard.body, sent - 301_000)).toThrow("too old");
    expect(() => verdict(heard.headers, heard.body.replace("/prod/kv", "/prod/kw"))).toThrow("not signed");
    expect(() => verdict({ ...heard.headers, "webhook-id": "evt_other" })).toThrow("not signed");
    expect(() => verdict({ ...heard.headers, "webhook-timestamp": String(sent / 1000 + 1) })).toThrow("not signed");
    expect(() => verdict({ ...heard.headers, "webhook-timestamp": undefined })).toThrow("too old");
    expect(() => verdict({ ...heard.headers, "webhook-signature": "v1," })).toThrow("not signed");
    expect(() => verdict(heard.headers, heard.body, sent, `whsec_${"A".repeat(43)}=`)).toThrow("not signed");
  });

  it("wait for a receiver that fails, are listed, and come again with the same id", async () => {
    there.will("/ops", 410, 204);
    await happen("/prod/gone");
    expect(await deliver()).toBe("0 delivered, 0 failed and wait, 1 given up.");
    const listed = await usc(["event-forwarder", "deliveries", "-n", "ops", "--state", "dead", "-o", "ndjson"]);
    expect(listed.stdout).toContain("HTTP 410");
    expect((await usc(["event-forwarder", "update", "webhook", "-n", "ops", "--enable", "true"])).exit).toBe(0);
    expect((await usc(["event-forwarder", "redeliver", "-n", "ops"])).json).toEqual({ redelivered: 1, left: 0 });
    const { json } = await usc(["event-forwarder", "get", "-n", "ops"]);
    expect(json["event_forwarder"]).toMatchObject({ waiting: 1, dead: 0, failures: 1, last_error: "HTTP 410", is_enabled: true });
    there.heard.splice(0);
  });

  it("say by `test` at once what is wrong", async () => {
    await forward("wrong", "/wrong");
    there.will("/wrong", 401, 204);
    const { exit, failure } = await usc(["event-forwarder", "test", "-n", "wrong"]);
    expect({ exit, ...failure }).toEqual({
      exit: 7,
      code: "unavailable",
      error: "The receiver of /wrong did not take the test event: HTTP 401.",
      hint: "Check the password, token or client certificate.",
    });
    expect((await usc(["event-forwarder", "test", "-n", "wrong"])).json).toMatchObject({ delivered: true, status: 204 });
  });
});

describe("a destination", () => {
  it("lies sealed as a whole, and one that was put in another's place gets nothing", async () => {
    await forward("edited", "/edited");
    await forward("evil", "/evil");
    await happen("/prod/kv");
    const db = new DatabaseSync(join(home, "usc.db"));
    const rows = db.prepare("SELECT key, body FROM records WHERE collection = 'event-destinations' ORDER BY key").all();
    expect(rows.map(({ body }) => body)).toEqual(rows.map(() => "{}"));
    const idOf = async (name: string) =>
      ((await usc(["event-forwarder", "get", "-n", name])).json["event_forwarder"] as { noti_forwarder_id: number }).noti_forwarder_id;
    const [edited, evil] = [String(await idOf("edited")), String(await idOf("evil"))];
    const put =
      "UPDATE records SET sealed = (SELECT sealed FROM records WHERE collection = 'event-destinations' AND key = ?) WHERE key = ?";
    db.prepare(`${put} AND collection = 'event-destinations'`).run(evil, edited);
    db.close();
    there.heard.splice(0);
    await deliver();
    expect(there.heard.map(({ path }) => path).filter((path) => path.startsWith("/e"))).toEqual(["/evil"]);
    const { json } = await usc(["event-forwarder", "deliveries", "-n", "edited"]);
    expect(json["deliveries"]).toEqual([expect.objectContaining({ state: "waiting", last_error: "the destination cannot be used" })]);
    for (const name of ["edited", "evil"]) expect((await usc(["event-forwarder", "delete", "-n", name])).exit).toBe(0);
  });
});

describe("events, over a gateway", () => {
  it("go to public addresses alone, for callers with a right on /events", async () => {
    there.heard.splice(0);
    await happen("/prod/by-gateway");
    const gateway = await gatewayOver(tool);
    try {
      // It attends to what is due by itself.
      await there.hears(1);
      expect(there.heard[0]?.events[0]?.item_name).toBe("/prod/by-gateway");
      const admin = await gateway.login(gateway.admin);
      const ask = (path: string, body: Record<string, unknown>, by = admin) => gateway.post(path, { token: by, ...body });
      const create = "event-forwarder-create-webhook";
      for (const url of [there.url(), "https://169.254.169.254/latest", "https://10.0.0.1/", "http://hooks.example.com/"])
        expect(await ask(create, { name: "inside", url })).toMatchObject({ status: 400, json: { code: "usage" } });
      for (const allowance of [{ "allow-private": true }, { allow_private: "true" }])
        expect(await ask(create, { name: "inside", url: there.url(), ...allowance })).toMatchObject({
          status: 400,
          json: { error: "--allow-private is set on the gateway's own machine alone." },
        });
      const made = await ask(create, { name: "outside", url: "https://hooks.example.com/", "runner-type": "immediate", username: "" });
      expect(made).toMatchObject({ status: 200, json: { event_forwarder_name: "/outside", signing_secret: expect.any(String) } });
      // What the user of the machine has allowed one URL is not taken along to another.
      const moved = { name: "wrong", url: there.url("/elsewhere"), "auth-token": Buffer.from("other").toString("base64") };
      expect((await ask("event-forwarder-update-webhook", moved)).status).toBe(400);
      expect((await ask("event-forwarder-create-slack", { name: "x" })).status).toBe(501);

      const { json: key } = await ask("create-auth-method-api-key", { name: "ci" });
      await ask("create-role", { name: "events" });
      await ask("set-role-rule", { "role-name": "events", "rule-type": "system-rule", path: "/events", capability: ["read", "list"] });
      await ask("assoc-role-am", { "role-name": "events", "am-name": "ci" });
      const reader = await gateway.login(key as { access_id: string; access_key: string });
      const status = async (path: string, body: Record<string, unknown> = { name: "ops" }) => (await ask(path, body, reader)).status;
      expect(await status("event-forwarder-get")).toBe(200);
      expect(await status("event-forwarder-deliveries")).toBe(200);
      expect(await status("event-forwarder-list", {})).toBe(200);
      for (const verb of ["test", "redeliver", "delete"]) expect(await status(`event-forwarder-${verb}`)).toBe(403);
      expect(await status(create, { name: "mine", url: "https://hooks.example.com/" })).toBe(403);
    } finally {
      expect(await gateway.stop()).toBe(0);
    }
  });

  it("left token, signing secret and receivers' words in no file, output or audit", async () => {
    const secret = await forward("last", "/last");
    there.will("/last", 500);
    await happen("/prod/last");
    await deliver();
    const { stdout } = await usc(["audit", "list", "--limit", "1000"]);
    const texts = { audit: stdout, said: tool.said.filter((text) => !text.includes("signing_secret")).join("\n") };
    for (const value of [token, secret.slice("whsec_".length), "CANARY-of-the-receiver"])
      expect(canaries(value, { dir: home, texts })).toEqual([]);
  });
});
