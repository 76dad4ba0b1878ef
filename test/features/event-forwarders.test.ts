import { afterAll, describe, expect, it } from "vitest";
import { dead } from "../../src/features/events/lanes.ts";
import { destinations } from "../../src/features/events/model.ts";
import { eventHouse, expired } from "../support/event-house.ts";
import { refused } from "../support/house.ts";
import { receiver } from "../support/receiver.ts";

const there = await receiver();
afterAll(() => there.stop());
const url = "https://hooks.example.com/usc?token=CANARY-in-the-url";
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const create = "event-forwarder create webhook";
const update = "event-forwarder update webhook";

describe("event-forwarder create webhook", () => {
  it("answers with id and name, and shows a signing secret that it made, this once", async () => {
    const { call, shown } = eventHouse();
    expect(await call(create, { name: "ops", url })).toEqual({
      event_forwarder_id: 1,
      event_forwarder_name: "/ops",
      signing_secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/u),
    });
    const given = `whsec_${base64("x".repeat(32))}`;
    expect(await call(create, { name: "own", url, "signing-secret": `${given}\n` })).toEqual({
      event_forwarder_id: 2,
      event_forwarder_name: "/own",
    });
    expect(JSON.stringify([await shown("ops"), await shown("own"), await call("event-forwarder list")])).not.toMatch(/whsec|CANARY/u);
    await expect(call(create, { name: "OPS", url })).rejects.toThrow(refused("conflict"));
    for (const secret of ["whsec_c2hvcnQ=", "plain", `whsec_${base64("x".repeat(65))}`, "whsec_****"])
      await expect(call(create, { name: "bad", url, "signing-secret": secret })).rejects.toThrow(refused("usage", /--signing-secret/u));
  });

  it("takes what official clients send: blanks, foreign fields, `user-pass` without a user, lists with commas", async () => {
    const { call, shown } = eventHouse();
    await call(create, {
      name: "sdk",
      url,
      "auth-type": "user-pass",
      username: "",
      json: false,
      key: "default",
      "gateways-event-source-locations": ["gw-1"],
      "event-types": ["secret-expired, certificate-expired", "secret-sync"],
      "runner-type": "periodic",
      every: "12",
    });
    expect(await shown("sdk")).toMatchObject({
      auth_type: "none",
      gateways_event_source_locations: ["gw-1"],
      event_types: ["certificate-expired", "secret-expired", "secret-sync"],
      runner_type: "periodic",
      timespan_in_seconds: 43_200,
      endpoint: "https://hooks.example.com/usc",
    });
  });

  it.each([
    [{ "event-types": ["dynamic-secret-failure"] }, "unsupported", /event types/u],
    [{ "items-event-source-locations": ["/a*/b"] }, "usage", /--items-event-source-locations/u],
    [{ every: 25 }, "usage", /--every/u],
    [{ "runner-type": "sometimes" }, "usage", /--runner-type/u],
    [{ "auth-type": "kerberos" }, "unsupported", /authentication/u],
    [{ username: "u" }, "usage", /--password is missing/u],
    [{ username: "u:v", password: "p" }, "usage", /colon/u],
    [{ username: "u", password: "p\n" }, "usage", /--password .* line break/u],
    [{ "auth-type": "none", password: "p" }, "usage", /does not belong/u],
    [{ "auth-token": "not base64!" }, "usage", /--auth-token/u],
    [{ "auth-token": base64("line\nbreak") }, "usage", /--auth-token/u],
    [{ "client-cert-data": "no PEM", "private-key-data": "no PEM" }, "usage", /--client-cert-data/u],
    [{ "server-certificates": "-----BEGIN CERTIFICATE-----\nnone" }, "usage", /--server-certificates/u],
    [{ url: "http://hooks.example.com/" }, "usage", /not https/u],
    [{ url: "https://10.0.0.1/" }, "usage", /private or loopback/u],
  ])("refuses %j", async (input, code, sentence) => {
    const { call } = eventHouse();
    await expect(call(create, { name: "bad", url, ...input })).rejects.toThrow(refused(code, sentence));
    expect(await call("event-forwarder list")).toMatchObject({ event_forwarders: [] });
  });

  it.each(["email", "slack", "teams", "servicenow"])("has no kind %s, and says so", async (kind) => {
    const { call } = eventHouse();
    for (const verb of ["create", "update"])
      await expect(call(`event-forwarder ${verb} ${kind}`, { name: "x" })).rejects.toThrow(refused("unsupported", new RegExp(kind, "u")));
  });
});

describe("event-forwarder update webhook", () => {
  it("keeps what is left out", async () => {
    const { call, shown, forward } = eventHouse();
    await forward("ops", there.url(), { username: "u", password: "p", "event-types": "secret-expired", every: 3, description: "why" });
    const before = await shown("ops");
    expect(await call(update, { name: "ops", description: "default_metadata", "auth-type": "user-pass", enable: "true" })).toEqual({
      event_forwarder_id: 1,
      event_forwarder_name: "/ops",
    });
    expect(await shown("ops")).toEqual(before);
    await call(update, { name: "ops", "new-name": "/moved/ops", "event-types": "secret-sync", "runner-type": "immediate" });
    const { every: _, timespan_in_seconds, ...rest } = before;
    expect(timespan_in_seconds).toBe(10_800);
    expect(await shown("/moved/ops")).toEqual({
      ...rest,
      noti_forwarder_name: "/moved/ops",
      event_types: ["secret-sync"],
      runner_type: "immediate",
    });
    await expect(shown("ops")).rejects.toThrow(refused("not_found"));
  });

  it.each([
    [{ username: "u", password: "p" }, "password", { password: "p" }, { username: "u" }],
    [{ "auth-token": base64("t") }, "auth-token", { "auth-token": base64("t") }, {}],
  ])("sends the proof %j to no other URL and past no other CA, unless it is given again", async (proof, needed, again, more) => {
    const { call, store } = eventHouse();
    await call(create, { name: "ops", url, ...proof });
    const secret = async () => (await store.collection(destinations).get("1"))?.value["signing-secret"];
    const [before, moved] = [await secret(), { name: "ops", url: "https://evil.example.com/usc", ...more }];
    await expect(call(update, moved)).rejects.toThrow(refused("usage", new RegExp(`--${needed}`, "u")));
    expect(await call(update, { name: "ops", url })).not.toHaveProperty("signing_secret");
    expect(await secret()).toBe(before);
    // Whoever gets the events now cannot sign for whoever got them before.
    expect(await call(update, { ...moved, ...again })).toMatchObject({ signing_secret: await secret() });
    expect(await secret()).not.toBe(before);
    await call(update, { name: "ops", url: "https://third.example.com/", "auth-type": "none" });
    expect((await store.collection(destinations).get("1"))?.value).not.toHaveProperty(needed);
  });

  it("forgets the allowance of a private address with the URL that it was given for", async () => {
    const { call, forward, shown } = eventHouse();
    await forward("ops", there.url());
    await expect(call(update, { name: "ops", url: there.url("/other") })).rejects.toThrow(refused("usage"));
    await call(update, { name: "ops", description: "still there" });
    expect(await shown("ops")).toMatchObject({ allow_private: true });
    await expect(call(update, { name: "ops", "allow-private": false })).rejects.toThrow(refused("usage", /loopback/u));
    await call(update, { name: "ops", url: "https://hooks.example.com/" });
    expect(await shown("ops")).toMatchObject({ allow_private: false });
  });
});

describe("event-forwarder test", () => {
  it("posts a test event and says how it went, without keeping anything", async () => {
    const { call, forward, deliveries, shown } = eventHouse();
    await forward("ops", there.url("/test"), { "auth-token": base64("CANARY-token") });
    there.will("/test", 202);
    expect(await call("event-forwarder test", { name: "ops" })).toMatchObject({ delivered: true, status: 202 });
    expect(there.heard.at(-1)).toMatchObject({
      headers: { authorization: "Bearer CANARY-token" },
      events: [{ event_type: "forwarder-test", item_name: "/ops" }],
    });
    expect([await deliveries("ops"), (await shown("ops"))["delivered"]]).toEqual([[], 0]);
  });

  it.each([
    [{ status: 307, headers: { location: "https://example.com/" } }, /HTTP 307/u, /Redirects/u],
    [401, /HTTP 401/u, /token/u],
    ["close", /connection lost/u, /log/u],
  ] as const)("fails with what came of it: %j", async (manner, sentence, hint) => {
    const { call, forward } = eventHouse();
    await forward("ops", there.url("/test"));
    there.will("/test", manner);
    await expect(call("event-forwarder test", { name: "ops" })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(sentence),
      details: { hint: expect.stringMatching(hint) },
    });
  });
});

describe("deliveries", () => {
  it("are told of a thousand at once, what waits before what is dead", async () => {
    const { call, forward, happen, store } = eventHouse();
    await forward("ops", there.url());
    const dying = Array.from({ length: 1200 }, (_, index) => ({ id: `evt_${1000 + index}`, events: [], since: 0, due: 0, attempts: 9 }));
    await store.commit(dying.map((each) => store.collection(dead).put(`1/${each.id}`, each, 0)));
    await happen([expired("/a"), expired("/b")]);
    const page = async (more: Record<string, unknown> = {}) =>
      (await call("event-forwarder deliveries", { name: "ops", ...more })) as {
        deliveries: { state: string; delivery_id: string }[];
        next_page: string;
      };
    const first = await page();
    const second = await page({ "pagination-token": first.next_page });
    const all = [...first.deliveries, ...second.deliveries];
    expect([first.deliveries.length, all.length, second.next_page]).toEqual([1000, 1202, ""]);
    expect(all.map(({ state }) => state)).toEqual([...Array<string>(2).fill("waiting"), ...Array<string>(1200).fill("dead")]);
    expect(new Set(all.map(({ delivery_id }) => delivery_id)).size).toBe(1202);
    const onlyDead = await page({ state: "dead" });
    const rest = await page({ state: "dead", "pagination-token": onlyDead.next_page });
    expect([onlyDead.deliveries[0]?.delivery_id, rest.deliveries[0]?.delivery_id, rest.deliveries.length]).toEqual([
      "evt_1000",
      "evt_2000",
      200,
    ]);
    expect((await page({ state: "waiting" })).deliveries).toHaveLength(2);
    expect(await page({ "pagination-token": "!" })).toEqual(first);
    expect(await call("event-forwarder redeliver", { name: "ops" })).toEqual({ redelivered: 1000, left: 200 });
  });

  it("are told of by page and state; one alone can be sent again", async () => {
    const { call, forward, happen, deliver, deliveries } = eventHouse();
    await forward("ops", there.url("/gone"));
    there.will("/gone", 410);
    await happen([expired("/a")]);
    await deliver();
    const [{ delivery_id } = {}] = await deliveries("ops", "dead");
    await expect(call("event-forwarder redeliver", { name: "ops", "delivery-id": "none" })).rejects.toThrow(refused("not_found"));
    expect(await call("event-forwarder redeliver", { name: "ops", "delivery-id": delivery_id })).toEqual({ redelivered: 1, left: 0 });
    expect(await call("event-forwarder redeliver", { name: "ops" })).toEqual({ redelivered: 0, left: 0 });
    expect(await deliveries("ops")).toEqual([expect.objectContaining({ delivery_id, state: "waiting", attempts: 0 })]);
    expect(JSON.stringify(await deliveries("ops"))).not.toContain("CANARY-of-the-receiver");
  });

  it("go with their forwarder", async () => {
    const { call, forward, happen, store } = eventHouse();
    await forward("ops", there.url());
    await happen([expired()]);
    expect(await call("event-forwarder delete", { name: "ops" })).toEqual({ event_forwarder_id: 1, event_forwarder_name: "/ops" });
    await expect(call("event-forwarder deliveries", { name: "ops" })).rejects.toThrow(refused("not_found"));
    expect(await store.collection(destinations).list()).toEqual([]);
    await forward("ops", there.url());
    expect(await call("event-forwarder get", { name: "ops" })).toMatchObject({ event_forwarder: { noti_forwarder_id: 2, waiting: 0 } });
  });
});
