import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { webhooks } from "../../src/adapters/webhook/index.ts";
import { operations } from "../../src/features/events/index.ts";
import { dead, waiting } from "../../src/features/events/lanes.ts";
import { outbox } from "../../src/features/events/outbox.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { operationNamed } from "../../src/kernel/operation.ts";
import { expired } from "../support/event-house.ts";
import { childOf } from "../support/points.ts";
import { receiver } from "../support/receiver.ts";
import { stateLab } from "../support/state-lab.ts";

const { newHome } = stateLab();
const there = await receiver();
let killed = 0;
let lost = 0;
afterAll(async () => {
  console.log(`events: ${killed} kill points, ${lost} lost`);
  await there.stop();
});
afterEach(() => there.heard.splice(0));

const names = ["/a", "/b", "/c"];

interface Line {
  at?: number;
  points?: number;
  detail?: string;
  code?: string;
}

/** Three events for /each, which is told of each, and for /together, whose period will be over. */
async function world(): Promise<string> {
  const home = newHome();
  const store = openStore({ home });
  const create = operationNamed(
    "event-forwarder create webhook",
    operations({ store, clock: systemClock, webhook: async () => webhooks() }),
  );
  await create.run({ name: "each", url: there.url("/each"), "allow-private": true } as never);
  await create.run({ name: "together", url: there.url("/together"), "allow-private": true, every: 1 } as never);
  await store.commit(await outbox({ store, clock: systemClock })(names.map((name) => expired(name))));
  return home;
}

const processOf = (home: string, point?: number) => childOf<Line>("event-child.ts", [home, point]);

/** Runs it up to that point and kills it there. */
async function killAt(home: string, point: number): Promise<void> {
  const one = processOf(home, point);
  await one.first;
  one.kill();
  await one.ended;
  killed += 1;
}

/** Every event was told at each place; again only under the id that it had; and nothing is left. */
async function oracle(home: string, mostTimes: number): Promise<void> {
  const store = openStore({ home });
  expect([await store.collection(waiting).list(), await store.collection(dead).list()]).toEqual([[], []]);
  const at = (path: string) => there.heard.filter((heard) => heard.path === path);
  for (const name of names) {
    const told = at("/each").filter(({ events }) => events[0]?.item_name === name);
    if (told.length === 0) lost += 1;
    expect(told.length).toBeLessThanOrEqual(mostTimes);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
  }
  const together = at("/together");
  if (together.length === 0) lost += names.length;
  expect(together.length).toBeLessThanOrEqual(mostTimes);
  expect(new Set(together.map(({ id, body }) => `${id} ${body}`)).size).toBe(1);
  expect(together[0]?.events.map(({ item_name }) => item_name)).toEqual(names);
  expect(lost).toBe(0);
}

const pointsOfAll = (await processOf(await world()).ended).points ?? 0;
there.heard.splice(0);
const each = Array.from({ length: pointsOfAll - 2 }, (_, at) => at);

describe("a delivery whose process", () => {
  it("has as many points at which it can be killed as it has commits", () => {
    expect(pointsOfAll).toBeGreaterThanOrEqual(12);
  });

  it.each(each)("is killed with -9 at point %i is made by the next one, again under its id", async (point) => {
    const home = await world();
    await killAt(home, point);
    expect(await processOf(home).ended).toHaveProperty("detail");
    await oracle(home, 2);
  });

  it.each([0, 1, 2, 3])("is killed after receiver and event %i, before it has heard the answer, comes again", async (skip) => {
    const home = await world();
    there.will("/each", ...Array.from({ length: Math.min(skip, 3) }, () => 204), "hold");
    there.will("/together", skip === 3 ? "hold" : 204);
    const one = processOf(home);
    await there.hears(skip === 3 ? 4 : skip + 2);
    one.kill();
    await one.ended;
    killed += 1;
    there.will("/each", 204);
    there.will("/together", 204);
    expect(await processOf(home).ended).toHaveProperty("detail");
    await oracle(home, 2);
  });

  it.each(each.filter((point) => point % 6 === 3))("is killed at point %i, and the next one at every third of its own", async (point) => {
    for (let second = 1; second < pointsOfAll - 2; second += 3) {
      const home = await world();
      await killAt(home, point);
      const next = processOf(home, second);
      await next.first;
      next.kill();
      killed += 1;
      await next.ended;
      expect(await processOf(home).ended).toHaveProperty("detail");
      await oracle(home, 3);
      there.heard.splice(0);
    }
  });

  it.each(each)("is paused at point %i loses its turn to the next one, and posts nothing when it wakes", async (point) => {
    const home = await world();
    const one = processOf(home, point);
    await one.first;
    expect(await processOf(home).ended).toHaveProperty("detail");
    const before = there.heard.length;
    one.go();
    expect(await one.ended).toMatchObject({ code: "conflict" });
    expect(there.heard.length).toBe(before);
    await oracle(home, 2);
  });
});
