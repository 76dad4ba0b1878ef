import { describe, expect, it } from "vitest";
import { openVault } from "../../src/features/connectors/open.ts";
import { operations as eventRoom } from "../../src/features/events/index.ts";
import { waiting } from "../../src/features/events/lanes.ts";
import { outbox } from "../../src/features/events/outbox.ts";
import { rounds } from "../../src/features/expiry/model.ts";
import { expiryNotice } from "../../src/features/expiry/notice.ts";
import type { Turn } from "../../src/kernel/duty.ts";
import { UscError } from "../../src/kernel/errors.ts";
import { operationNamed } from "../../src/kernel/operation.ts";
import { webhooks } from "../../src/adapters/webhook/index.ts";
import { furnished } from "../support/house.ts";

const day = 86_400_000;
// The house stands at 2026-01-01.
const dates = { past: "2025-12-25T00:00:00Z", soon: "2026-01-31T00:00:00Z", far: "2026-02-01T00:00:00Z" };

/** A house whose objects have dates, a forwarder of all events, and the duty that tells it. */
async function noticing({ forwarder = true, notifyBefore }: { forwarder?: boolean; notifyBefore?: string } = {}) {
  const made = await furnished({ pageSize: 2 });
  const { store, clock, vault } = made;
  const deps = { store, clock, webhook: async () => webhooks() };
  const operations = eventRoom(deps);
  if (forwarder) {
    const input = {
      name: "all",
      url: "http://127.0.0.1:9/hook",
      "allow-private": true,
      "gateways-event-source-locations": ["/*"],
      "runner-type": "immediate",
    };
    await operationNamed("event-forwarder create webhook", operations).run(input as never);
  }
  const refusing = new Set<string>();
  const duty = expiryNotice({
    store,
    clock,
    adapter: vault.adapter,
    openVault: async (name, limits) => {
      if (refusing.has(name)) throw new UscError("forbidden", "The role is missing.");
      return openVault(store)(name, limits);
    },
    outbox: outbox({ store, clock }),
    notifyBefore,
  });
  /** `at`: called before each hold and commit, of which there is a number. */
  let last: number | undefined;
  const run = async (at: (step: number) => void = () => {}): Promise<string> => {
    let step = 0;
    const turn: Turn = {
      began: clock.now(),
      last,
      signal: new AbortController().signal,
      hold: async () => at(step++),
      async commit(changes) {
        at(step++);
        await store.commit(changes);
      },
    };
    const said = await duty.run(turn);
    last = turn.began;
    return said;
  };
  const told = async (): Promise<string[]> =>
    (await store.collection(waiting).list())
      .flatMap(({ value }) => value.events)
      .map(({ type, payload }) => `${type} ${payload.object_name} ${payload.date}`)
      .sort();
  const put = (name: string, date: string, more: Record<string, unknown> = {}) =>
    made.object("create", { "secret-name": name, value: "canary", "remote-secret-expires": date, ...more });
  for (const [name, date] of Object.entries(dates)) await put(name, date);
  return { ...made, duty, run, told, put, refusing };
}

describe("the duty that tells of objects that expire", () => {
  it("tells of what expires within 30 days and of what has expired, once", async () => {
    const { run, told } = await noticing();
    expect(await run()).toBe("2 notices, from 1 connectors.");
    const all = [`secret-expired past ${dates.past}`, `secret-pending-expiration soon ${dates.soon}`];
    expect(await told()).toEqual(all);
    expect(await run()).toBe("0 notices, from 1 connectors.");
    expect(await told()).toEqual(all);
  });

  it("tells again when what was about to expire has expired, and when it has a new date", async () => {
    const { run, told, clock, object } = await noticing({ notifyBefore: "60d" });
    await run();
    await clock.sleep(30 * day);
    await object("update", { "secret-id": "past", "remote-secret-expires": dates.far });
    expect(await run()).toBe("2 notices, from 1 connectors.");
    expect(await told()).toEqual([
      `secret-expired past ${dates.past}`,
      `secret-expired soon ${dates.soon}`,
      `secret-pending-expiration far ${dates.far}`,
      `secret-pending-expiration past ${dates.far}`,
      `secret-pending-expiration soon ${dates.soon}`,
    ]);
  });

  it("does not tell of what is disabled, nor of values", async () => {
    const { run, told, put, store } = await noticing();
    await put("off", dates.past, { enabled: false });
    await run();
    expect((await told()).some((one) => one.includes(" off "))).toBe(false);
    expect(JSON.stringify(await store.collection(waiting).list())).not.toContain("canary");
  });

  it("waits for nothing while there is no forwarder, and for six hours after a run", async () => {
    const none = await noticing({ forwarder: false });
    expect(await none.duty.due(none.clock.now(), undefined)).toBeUndefined();
    const { duty, clock } = await noticing();
    expect(await duty.due(clock.now(), clock.now())).toBe(clock.now() + day / 4);
  });

  it("looks at the other vaults when one refuses, and at that one alone the next time", async () => {
    const { run, told, call, refusing, store, clock } = await noticing();
    await call("create-usc", { name: "/broken", "target-to-associate": "/t", "azure-kv-name": "other" });
    refusing.add("/broken");
    await expect(run()).rejects.toMatchObject({
      code: "partial",
      message: "Of 2 connectors 1 could not be looked at: /broken (forbidden).",
    });
    expect(await told()).toHaveLength(2);
    refusing.clear();
    await clock.sleep(30_000);
    expect(await run()).toBe("2 notices, from 2 connectors.");
    expect((await store.collection(rounds).list()).map(({ key, value }) => [key, value.began])).toEqual([
      ["/broken", clock.now()],
      ["/kv", clock.now() - 30_000],
    ]);
  });

  it("forgets a connector that is gone", async () => {
    const { run, call, store, clock } = await noticing();
    await run();
    await call("delete-item", { name: "/kv" });
    await clock.sleep(day);
    expect(await run()).toBe("0 notices, from 0 connectors.");
    expect(await store.collection(rounds).list()).toEqual([]);
  });

  it("stopped anywhere, tells the rest when it comes again, and nothing twice", async () => {
    const many = 450;
    const { put, run, told } = await noticing();
    for (let index = 0; index < many; index += 1) await put(`many-${index}`, dates.past);
    const stopAt = (last: number) => (step: number) => {
      if (step === last) throw new Error("killed");
    };
    // At the list's first page, in its middle, and at each of its commits.
    const pages = Math.ceil((many + 3) / 2);
    for (const point of [0, 1, 100, pages + 1, pages + 2]) await expect(run(stopAt(point))).rejects.toThrow();
    await run();
    const all = await told();
    expect(all).toHaveLength(many + 2);
    expect(new Set(all).size).toBe(many + 2);
  });
});
