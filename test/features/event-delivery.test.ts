import { afterEach, describe, expect, it } from "vitest";
import { dead, lanes, waiting } from "../../src/features/events/lanes.ts";
import { destinations, forwarders } from "../../src/features/events/model.ts";
import { UscError } from "../../src/kernel/errors.ts";
import type { Store } from "../../src/kernel/store.ts";
import { memoryStore } from "../support/memory-store.ts";
import { refused } from "../support/house.ts";
import { eventHouse, expired } from "../support/event-house.ts";
import { receiver, type Receiver } from "../support/receiver.ts";

const [second, hour, day] = [1000, 3_600_000, 86_400_000];
const open: Receiver[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.stop();
});
const opened = async (): Promise<Receiver> => {
  const made = await receiver();
  open.push(made);
  return made;
};

/** A forwarder /ops to a receiver. */
async function furnished(more: Record<string, unknown> = {}) {
  const house = eventHouse();
  const there = await opened();
  await house.forward("ops", there.url(), more);
  return { ...house, there };
}

describe("an event", () => {
  it("is posted once, signed, with names and nothing else, and waits no more", async () => {
    const { there, happen, deliver, deliveries, shown } = await furnished();
    await happen([expired()]);
    expect(await deliveries("ops", "waiting")).toEqual([
      expect.objectContaining({ state: "waiting", event_types: ["secret-expired"], items: ["/prod/kv"], attempts: 0 }),
    ]);
    expect(await deliver()).toBe("1 delivered, 0 failed and wait, 0 given up.");
    expect(there.heard.map(({ body }) => JSON.parse(body))).toEqual([
      {
        version: 1,
        events: [
          {
            event_id: there.heard[0]?.id,
            event_type: "secret-expired",
            time: "2026-01-01T00:00:00Z",
            source: "item",
            item_name: "/prod/kv",
            payload: { event_message: "The secret db of /prod/kv has expired.", object_name: "db" },
          },
        ],
      },
    ]);
    expect(there.heard[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-timestamp": "1767225600",
      "webhook-signature": expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/u),
    });
    expect(await deliver()).toBe("not_due");
    expect(await deliveries("ops")).toEqual([]);
    expect(await shown("ops")).toMatchObject({ delivered: 1, last_delivery: "2026-01-01T00:00:00Z", waiting: 0 });
  });

  it("is told if and only if what it tells of was committed", async () => {
    const { store, happen, deliver, there } = await furnished();
    const stale = store.collection(forwarders).touch("/ops", 7);
    await expect(happen([expired()], [stale])).rejects.toThrow(refused("conflict"));
    expect(await deliver()).toBe("not_due");
    expect(there.heard).toEqual([]);
  });

  it("goes to the forwarders whose types and places it has, and to no other", async () => {
    const { forward, happen, deliver } = eventHouse();
    const there = await opened();
    await forward("all", there.url("/all"));
    await forward("prod", there.url("/prod"), { "items-event-source-locations": ["/prod/*"] });
    await forward("kv", there.url("/kv"), { "items-event-source-locations": "/dev/kv, prod/kv" });
    await forward("targets", there.url("/targets"), { "targets-event-source-locations": ["/*"] });
    await forward("certificates", there.url("/certificates"), { "event-types": ["certificate-expired,next-automatic-rotation"] });
    const told = async (kind: "item" | "target", name: string): Promise<string[]> => {
      there.heard.length = 0;
      await happen([{ ...expired(name), source: { kind, name } }]);
      await deliver();
      return there.heard.map(({ path }) => path).sort();
    };
    expect(await told("item", "/prod/kv")).toEqual(["/all", "/kv", "/prod"]);
    expect(await told("item", "/prod/deep/kv")).toEqual(["/all", "/prod"]);
    expect(await told("item", "/production")).toEqual(["/all"]);
    expect(await told("target", "/prod/kv")).toEqual(["/all", "/targets"]);
  });

  it("is not kept for a forwarder that is switched off; what waits for it goes out when it is on again", async () => {
    const { call, happen, deliver, there } = await furnished();
    await happen([expired()]);
    await call("event-forwarder update webhook", { name: "ops", enable: false });
    await happen([expired("/later")]);
    expect(await deliver()).toBe("not_due");
    await call("event-forwarder update webhook", { name: "ops", enable: "true" });
    await deliver();
    expect(there.heard.map(({ events }) => events[0]?.item_name)).toEqual(["/prod/kv"]);
  });

  it("of a periodic forwarder waits for the end of the period, and goes out with the others of it, under one id", async () => {
    const { there, happen, deliver, hand, shown } = await furnished({ "runner-type": "periodic", every: 2 });
    await happen([expired("/a")]);
    await hand.advance(hour);
    await happen([expired("/b"), expired("/c")]);
    expect(await deliver()).toBe("not_due");
    there.will("/hook", 500, 204);
    await hand.advance(hour);
    await happen([expired("/next-period")]);
    await deliver();
    await hand.advance(10 * second);
    await deliver();
    const told = ["/a", "/b", "/c"];
    expect(there.heard.map(({ events }) => events.map(({ item_name }) => item_name))).toEqual([told, told]);
    expect(there.heard[0]?.id).toBe(there.heard[1]?.id);
    expect(await shown("ops")).toMatchObject({ runner_type: "periodic", timespan_in_seconds: 7200, waiting: 1 });
  });
});

describe("a receiver that fails", () => {
  it.each([500, 404, 429, "close", "garbage", "header-bomb", { status: 302, headers: { location: "https://example.com/" } }] as const)(
    "gets a delivery again under the same id, later and later, until it takes it: %j",
    async (manner) => {
      const { there, happen, deliver, deliveries, hand } = await furnished();
      there.will("/hook", manner, manner, 204);
      await happen([expired()]);
      expect(await deliver()).toBe("0 delivered, 1 failed and wait, 0 given up.");
      const [row] = await deliveries("ops");
      expect(row).toMatchObject({ attempts: 1, last_error: expect.stringMatching(/^(HTTP \d{3}|connection lost|not HTTP)$/u) });
      expect(await deliver()).toBe("not_due");
      await hand.advance(7 * second);
      await deliver();
      await hand.advance(7 * second);
      expect(await deliver()).toBe("not_due");
      await hand.advance(12 * second);
      expect(await deliver()).toBe("1 delivered, 0 failed and wait, 0 given up.");
      expect(new Set(there.heard.map(({ id }) => id)).size).toBe(1);
      expect(there.heard).toHaveLength(3);
    },
  );

  it("is not overrun: one failure lets the whole lane rest", async () => {
    const { there, happen, deliver, hand } = await furnished();
    there.will("/hook", 500, 204);
    for (const name of ["/a", "/b", "/c"]) await happen([expired(name)]);
    await deliver();
    expect(there.heard).toHaveLength(1);
    await hand.advance(7 * second);
    await deliver();
    const told = there.heard.slice(1).map(({ events }) => events[0]?.item_name);
    expect(new Set(told)).toEqual(new Set(["/a", "/b", "/c"]));
  });

  it("that asks for time gets it, within an hour", async () => {
    const { there, happen, deliver, hand, shown } = await furnished();
    there.will("/hook", { status: 503, headers: { "retry-after": "1800" } }, { status: 503, headers: { "retry-after": "999999" } }, 204);
    await happen([expired()]);
    await deliver();
    await hand.advance(1700 * second);
    expect(await deliver()).toBe("not_due");
    await hand.advance(100 * second);
    await deliver();
    expect((await shown("ops"))["next_attempt"]).toBe("2026-01-01T01:30:00Z");
  });

  it("for a day loses the delivery: it is dead, listed with its reason, and can be sent again with the same id", async () => {
    const { there, happen, deliver, deliveries, hand, call, shown } = await furnished();
    there.will("/hook", 503);
    await happen([expired()]);
    let runs = 0;
    while ((await deliveries("ops", "dead")).length === 0 && runs < 130) {
      await deliver();
      await hand.advance(hour / 4);
      runs += 1;
    }
    const tries = there.heard.length;
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(20);
    expect(await deliveries("ops")).toEqual([
      expect.objectContaining({ state: "dead", attempts: tries, last_error: "HTTP 503", since: "2026-01-01T00:00:00Z" }),
    ]);
    const died = Date.parse(String((await deliveries("ops"))[0]?.["died"])) - Date.UTC(2026, 0, 1);
    expect(died).toBeGreaterThanOrEqual(day);
    expect(died).toBeLessThan(1.25 * day);
    expect(await deliver()).toBe("not_due");
    expect(await shown("ops")).toMatchObject({ dead: 1, waiting: 0, failures: tries, last_error: "HTTP 503" });

    there.will("/hook", 204);
    expect(await call("event-forwarder redeliver", { name: "ops" })).toEqual({ redelivered: 1, left: 0 });
    await hand.advance(300 * second);
    expect(await deliver()).toBe("1 delivered, 0 failed and wait, 0 given up.");
    expect(new Set(there.heard.map(({ id }) => id)).size).toBe(1);
    expect(await deliveries("ops")).toEqual([]);
  });

  it("takes with it what has waited for a day behind it", async () => {
    const { there, happen, deliver, deliveries, hand } = await furnished();
    await happen([expired("/a"), expired("/b"), expired("/c")]);
    await hand.advance(day);
    await happen([expired("/young")]);
    there.will("/hook", 500);
    expect(await deliver()).toBe("0 delivered, 0 failed and wait, 3 given up.");
    expect((await deliveries("ops", "waiting")).map(({ items }) => items)).toEqual([["/young"]]);
    expect((await deliveries("ops", "dead")).map(({ last_error }) => last_error)).toEqual(Array(3).fill("HTTP 500"));
  });

  it("that is gone (410) is called no more: the delivery is dead, the forwarder off", async () => {
    const { there, happen, deliver, deliveries, shown } = await furnished();
    there.will("/hook", 410);
    await happen([expired("/a"), expired("/b")]);
    expect(await deliver()).toBe("0 delivered, 0 failed and wait, 1 given up.");
    expect((await deliveries("ops")).map(({ state }) => state)).toEqual(["waiting", "dead"]);
    expect(await shown("ops")).toMatchObject({ is_enabled: false, last_error: "HTTP 410" });
    expect(await deliver()).toBe("not_due");
  });

  it("holds up neither another receiver nor the store", async () => {
    const { there, happen, deliver, forward, deliveries } = await furnished();
    await forward("other", there.url("/other"));
    there.will("/hook", "hold");
    await happen([expired("/a"), expired("/b")]);
    const delivering = deliver();
    await there.hears(3);
    expect(there.heard.filter(({ path }) => path === "/other")).toHaveLength(2);
    there.release();
    await there.hears(4);
    there.release();
    expect(await delivering).toBe("4 delivered, 0 failed and wait, 0 given up.");
    expect(await deliveries("other")).toEqual([]);
  });
});

describe("a full disk", () => {
  it("between a post and its commit lets the delivery come again, under the same id, when there is room", async () => {
    const inner = memoryStore();
    let full = false;
    const commit: Store["commit"] = async (changes) => {
      if (full && changes.some(({ collection }) => collection === "events-waiting")) throw new UscError("unavailable", "The disk is full.");
      await inner.commit(changes);
    };
    const { forward, happen, call, hand, deliver, shown } = eventHouse({ store: { ...inner, commit } });
    const there = await opened();
    await forward("ops", there.url());
    await happen([expired()]);
    full = true;
    await expect(call("duty run", { name: "event-delivery" })).rejects.toThrow(refused("unavailable", /full/u));
    full = false;
    await hand.advance(60 * second);
    expect(await deliver()).toBe("1 delivered, 0 failed and wait, 0 given up.");
    expect(there.heard.map(({ id }) => id)).toEqual([there.heard[0]?.id, there.heard[0]?.id]);
    expect(await shown("ops")).toMatchObject({ waiting: 0, delivered: 1 });
  });
});

describe("a lane", () => {
  it("keeps ten thousand deliveries: beyond them the oldest die, and of the dead as many are kept", async () => {
    const { there, happen, deliver, deliveries, shown, store } = await furnished();
    const old = (index: number) => ({ id: `evt_0000${String(index).padStart(5, "0")}`, events: [], since: 0, due: 0, attempts: 9 });
    await store.commit(Array.from({ length: 9900 }, (_, index) => store.collection(dead).put(`1/${old(index).id}`, old(index))));
    there.will("/hook", 500);
    await happen(Array.from({ length: 10_300 }, (_, index) => expired(`/kv${index}`)));
    await deliver();
    expect(await shown("ops")).toMatchObject({ waiting: 10_000, dead: 10_000, dropped: 200 });
    const [first] = await deliveries("ops", "dead");
    expect(first).toMatchObject({ delivery_id: "evt_000000200" });
    const last = (await store.collection(dead).list()).at(-1);
    expect(last?.value).toMatchObject({ attempts: 0, error: "more than 10000 were waiting" });
  });

  it("whose destination was edited in the store goes nowhere, and holds up no other", async () => {
    const { there, happen, deliver, forward, deliveries, store, shown } = await furnished();
    await forward("other", there.url("/other"));
    await store.commit([store.collection(destinations).remove("1")]);
    await happen([expired()]);
    expect(await deliver()).toBe("1 delivered, 1 failed and wait, 0 given up.");
    expect(there.heard.map(({ path }) => path)).toEqual(["/other"]);
    expect((await deliveries("ops"))[0]).toMatchObject({ last_error: "the destination cannot be used" });
    await expect(shown("ops")).rejects.toThrow(refused("conflict", /lost its destination/u));
  });

  it("of a deleted forwarder is cleared up, also of an event that was on its way", async () => {
    const { there, happen, deliver, call, store, hand } = await furnished();
    await happen([expired()]);
    const seen = await store.collection(forwarders).get("/ops");
    await call("event-forwarder delete", { name: "ops" });
    expect(await store.collection(waiting).list()).toEqual([]);
    const late = { id: "evt_late", events: [], since: 0, due: 0, attempts: 0 };
    await store.commit([store.collection(waiting).put(`${seen?.value.id}/000000000000000/evt_late`, late, 0)]);
    await hand.advance(hour);
    await deliver();
    await deliver();
    expect([await store.collection(waiting).list(), await store.collection(lanes).list(), there.heard]).toEqual([[], [], []]);
    expect(await deliver()).toBe("not_due");
  });

  it("of a forwarder that is deleted while a post is under way ends in order", async () => {
    const { there, happen, deliver, call, store } = await furnished();
    there.will("/hook", "hold");
    await happen([expired("/a"), expired("/b")]);
    const delivering = deliver();
    await there.hears(1);
    await call("event-forwarder delete", { name: "ops" });
    there.release();
    expect(await delivering).toBe("0 delivered, 0 failed and wait, 0 given up.");
    expect(await store.collection(waiting).list()).toEqual([]);
    expect(there.heard).toHaveLength(1);
  });

  it("written by a clock that ran ahead is served all the same", async () => {
    const { there, happen, deliver, hand } = await furnished();
    await hand.advance(400 * day);
    there.will("/hook", 500, 204);
    await happen([expired()]);
    await deliver();
    hand.set(Date.UTC(2026, 0, 2));
    await deliver();
    expect(there.heard).toHaveLength(2);
  });
});
