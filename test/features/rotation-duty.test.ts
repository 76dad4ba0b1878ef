import { beforeEach, describe, expect, it } from "vitest";
import { waiting } from "../../src/features/events/lanes.ts";
import { dutyStates } from "../../src/features/duties/model.ts";
import { contentOf, contentPut } from "../../src/features/rotation/find.ts";
import { rotatedSecrets, rotations } from "../../src/features/rotation/model.ts";
import { errorDocument } from "../../src/kernel/errors.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { memoryStore } from "../support/memory-store.ts";
import { directoryOf, rotationHouse, scheduledKey } from "../support/rotation-house.ts";
import { turnsOf } from "../support/rotation-turns.ts";

const dayMs = 86_400_000;
const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = directoryOf(lab);

let house: Awaited<ReturnType<typeof rotationHouse>>;
let turns: ReturnType<typeof turnsOf>;
let appId = "";
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  await lab.control("PUT", "/settings", { graph: { perTenSeconds: 0 } });
  house = await rotationHouse(lab, memoryStore(), clock);
  turns = turnsOf(house.engine);
  ({ appId } = await azure.application("one"));
});

const create = (name: string, input: Record<string, unknown> = {}) =>
  house.call("rotated-secret create azure", scheduledKey(name, appId, input));
const version = async (name: string) => (await house.call("describe-item", { name }))["last_version"];
const run = async (signal?: AbortSignal) => turns.run(signal);
const due = async () => turns.due();
const events = async () => (await house.store.collection(waiting).list()).flatMap(({ value }) => value.events.map(({ type }) => type));
describe("the duty `rotation`", () => {
  it("has nothing to wait for without a schedule", async () => {
    await create("key", { "auto-rotate": false });
    expect(await due()).toBeUndefined();
    expect(await run()).toBe("0 rotated, 0 brought to an end, 0 failed.");
  });

  it("rotates on the day at the hour, and not before; a rotation by hand moves the date", async () => {
    await create("key");
    const next = (await due()) ?? 0;
    expect(new Date(next).toISOString().slice(11)).toBe("14:00:00.000Z");
    clock.leap(next - clock.now() - 5000);
    await run();
    expect(await version("key")).toBe(1);
    await house.call("rotate-secret", { name: "key" });
    clock.leap(10_000);
    await run();
    expect(await version("key")).toBe(2);
    clock.leap(((await due()) ?? 0) - clock.now());
    expect(await run()).toBe("1 rotated, 0 brought to an end, 0 failed.");
    expect(await version("key")).toBe(3);
  });

  it("rotates once after a year in which nobody ran it", async () => {
    await create("key");
    clock.leap(366 * dayMs);
    await run();
    await run();
    expect(await version("key")).toBe(2);
    expect(await due()).toBeGreaterThan(clock.now());
  });

  it("goes on behind an item that fails; that one keeps its value, rests, and tells why", async () => {
    await house.listen();
    const other = await azure.application("gone");
    await create("a", { "app-id": other.appId });
    const old = await house.value("a");
    await create("b");
    await azure.graph("DELETE", `/applications/${other.id}`);
    clock.leap(31 * dayMs);
    expect(await run()).toBe("1 rotated, 0 brought to an end, 1 failed.");
    expect(await house.value("a")).toEqual(old);
    expect(await version("b")).toBe(2);
    expect((await events()).toSorted((one, another) => one.localeCompare(another))).toEqual([
      "rotated-secret-failure",
      "rotated-secret-success",
      "rotated-secret-success",
      "rotated-secret-success",
    ]);
    const rest = (await due()) ?? 0;
    expect(rest).toBeGreaterThan(clock.now());
    clock.leap(rest - clock.now());
    expect(await run()).toBe("0 rotated, 0 brought to an end, 1 failed.");
    expect(((await due()) ?? 0) - clock.now()).toBeGreaterThan(100_000);
  });

  it("tells once of each day ahead that was asked for, and anew of the date after", async () => {
    await house.listen();
    await create("key", { "rotation-event-in": ["7", "1"] });
    const told = async () => (await events()).filter((type) => type === "next-automatic-rotation").length;
    for (const count of [1, 2]) {
      clock.leap(((await due()) ?? 0) - clock.now());
      await run();
      await run();
      expect(await told()).toBe(count);
    }
    clock.leap(((await due()) ?? 0) - clock.now());
    await run();
    expect(await version("key")).toBe(2);
    clock.leap(((await due()) ?? 0) - clock.now());
    await run();
    expect(await told()).toBe(3);
  });

  it("brings to its end what was left behind, though nothing is due", async () => {
    await create("key", { "auto-rotate": false });
    const stopped = new AbortController();
    const rotator = await house.engine.rotators.target();
    const { verify } = rotator;
    house = await rotationHouse(lab, house.store, clock, () => ({
      ...rotator,
      verify: async (...given) => {
        house.stop.abort();
        return verify(...given);
      },
    }));
    await expect(house.call("rotate-secret", { name: "key" })).rejects.toMatchObject({
      code: "interrupted",
      details: { hint: expect.stringContaining("usc rotate-secret --name /key") },
    });
    expect(await azure.secretsOf(appId)).toHaveLength(2);
    expect(await due()).toBeLessThan(clock.now());
    expect(await run(stopped.signal)).toBe("0 rotated, 1 brought to an end, 0 failed.");
    expect(await version("key")).toBe(2);
    expect(await azure.secretsOf(appId)).toHaveLength(1);
    expect(await house.store.collection(rotations).list()).toEqual([]);
  });

  it("that is stopped leaves the rotation where it is, and the next turn goes on", async () => {
    await create("key");
    clock.leap(31 * dayMs);
    const stopped = new AbortController();
    const rotator = await house.engine.rotators.target();
    const real = turns;
    turns = turnsOf({
      ...house.engine,
      rotators: {
        ...house.engine.rotators,
        "api-key": async () => ({
          ...rotator,
          verify: async (...given) => {
            stopped.abort();
            return rotator.verify(...given);
          },
        }),
      },
    });
    await expect(run(stopped.signal)).rejects.toThrow();
    expect(await azure.secretsOf(appId)).toHaveLength(2);
    turns = real;
    expect(await run()).toBe("0 rotated, 1 brought to an end, 0 failed.");
    expect(await version("key")).toBe(2);
    expect(await azure.secretsOf(appId)).toHaveLength(1);
  });
});

describe("a turn that ends in the middle of several rotations", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const leftOf = async (name: string) => (await house.store.collection(rotations).get(`/${name}`)) !== undefined;
  it.each([
    ["since it is stopped", "interrupted"],
    ["of a bug of ours", "internal"],
  ])("%s waits for those that run, and begins no other; nobody is at work after it, and nobody holds the duty", async (_, code) => {
    for (const name of names) await create(name);
    clock.leap(31 * dayMs);
    const stop = new AbortController();
    const rotator = await house.engine.rotators["api-key"]();
    const all = Promise.withResolvers<void>();
    let [begun, ended] = [0, 0];
    /** Of four that are at Azure at once, one ends the turn; the others hear from Azure after it has. */
    const stage: typeof rotator.stage = async (...given) => {
      begun += 1;
      const isLast = begun === 4;
      if (isLast) all.resolve();
      await all.promise;
      if (isLast && code === "internal") {
        ended += 1;
        throw new TypeError("a bug");
      }
      stop.abort();
      for (let turn = 0; turn < (isLast ? 0 : 20); turn += 1) await new Promise((resolve) => setImmediate(resolve));
      const made = await rotator.stage(...given);
      ended += 1;
      return made;
    };
    const slow = turnsOf({ ...house.engine, rotators: { ...house.engine.rotators, "api-key": async () => ({ ...rotator, stage }) } });
    await expect(slow.run(code === "interrupted" ? stop.signal : undefined)).rejects.toSatisfy(
      (error) => errorDocument(error).code === code,
    );
    expect([begun, ended]).toEqual([4, 4]);
    expect(await Promise.all(names.slice(4).map(leftOf))).toEqual([false, false]);
    expect((await house.store.collection(dutyStates).get("rotation"))?.value).toMatchObject({ until: 0, outcome: code });
    // What failed rests for a minute.
    clock.leap(61_000);
    await run();
    expect(await Promise.all(names.map(version))).toEqual(names.map(() => 2));
    expect(await azure.secretsOf(appId)).toHaveLength(names.length);
  });
});

describe("1,000 that are due in one hour, while Graph throttles", () => {
  const names = Array.from({ length: 1000 }, (_, at) => `/many/${at}`);
  /** As `create` would have made them, without the logins that prove each. */
  const plant = async (): Promise<string[]> => {
    await create("one");
    const { store } = house;
    const [one] = await store.collection(rotatedSecrets).list();
    if (one === undefined) throw new Error("no item");
    const { content } = await contentOf(store, one.value);
    const apps: string[] = [];
    for (let count = 0; count < 20; count += 1) apps.push((await azure.application(`many ${count}`)).appId);
    for (const [at, name] of names.entries()) {
      const holder = apps[at % apps.length] ?? "";
      const { keyId, secretText } = await azure.addPassword(holder, `usc ${at}`);
      const item = { ...one.value, id: await store.nextId("items"), name };
      const versions = content.versions.map((each) => ({ ...each, "key-id": keyId, secret: secretText }));
      await store.commit([
        store.collection(rotatedSecrets).put(name, item, 0),
        contentPut(store, item, { ...content, holder, versions }, 0),
      ]);
    }
    await house.call("rotated-secret delete", { name: "one" });
    return apps;
  };

  it("are all rotated, each once, and few requests are refused", { timeout: 240_000 }, async () => {
    const apps = await plant();
    await lab.control("DELETE", "/requests");
    await lab.control("PUT", "/settings", { graph: { perTenSeconds: 20, retryAfter: 3 } });
    clock.leap(((await due()) ?? 0) - clock.now());
    expect(await run()).toBe("1000 rotated, 0 brought to an end, 0 failed.");
    const items = await house.store.collection(rotatedSecrets).list();
    expect(items.map(({ value }) => value.version)).toEqual(names.map(() => 2));
    const left = await Promise.all(apps.map(async (app) => (await azure.secretsOf(app)).length));
    expect(left).toEqual(apps.map(() => 50));
    const { requests } = (await lab.control("GET", "/requests")).json as { requests: { path: string; status: number }[] };
    const made = requests.filter(({ path }) => path.includes("addPassword"));
    expect(made.filter(({ status }) => status === 200)).toHaveLength(1000);
    const refusedOnes = requests.filter(({ status }) => status === 429).length;
    console.log(`1,000 rotations: ${requests.length} requests, ${refusedOnes} of them refused`);
    expect(refusedOnes / requests.length).toBeLessThan(0.25);
  });
});
