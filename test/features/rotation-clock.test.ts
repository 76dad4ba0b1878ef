import { beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../src/kernel/clock.ts";
import type { Store } from "../../src/kernel/store.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { refused } from "../support/house.ts";
import { memoryStore } from "../support/memory-store.ts";
import { directoryOf, rotationHouse, scheduledKey } from "../support/rotation-house.ts";
import { turnsOf } from "../support/rotation-turns.ts";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** Azure's. */
const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = directoryOf(lab);
/** This machine's: so far ahead of Azure's. */
let ahead = 0;
const ours: Clock = { now: () => clock.now() + ahead, sleep: (ms) => clock.sleep(ms) };

let store: Store;
let during: Partial<Record<"stage" | "verify", () => void | Promise<void>>> = {};
let house: Awaited<ReturnType<typeof rotationHouse>>;
let turns: ReturnType<typeof turnsOf>;
let appId = "";
beforeEach(async () => {
  [ahead, during, store] = [0, {}, memoryStore()];
  house = await rotationHouse(lab, store, ours, (real) => ({
    ...real,
    async stage(...given) {
      await during.stage?.();
      return real.stage(...given);
    },
    async verify(...given) {
      await during.verify?.();
      return real.verify(...given);
    },
  }));
  turns = turnsOf(house.engine);
  ({ appId } = await azure.application("one"));
});

const create = (name: string, more: Record<string, unknown> = {}) =>
  house.call("rotated-secret create azure", scheduledKey(name, appId, more));
const shown = async (name = "key") => {
  const { last_version, item_general_info: info } = await house.call("describe-item", { name });
  return { version: last_version, ...(info as { rotated_secret_details: Record<string, string> }).rotated_secret_details };
};
const version = async (name = "key") => (await shown(name)).version;
const toTheDate = async (late = 0) => clock.leap(((await turns.due()) ?? Number.NaN) - ours.now() + late);
const added = async () =>
  (await lab.control("GET", "/requests")).json.requests.filter(({ path }: { path: string }) => path.includes("addPassword")).length;

describe("a clock that Azure's contradicts", () => {
  it.each([
    ["ahead", 366 * day],
    ["ahead", 31 * day],
    ["behind", -6 * minute],
  ])("rotates nothing by schedule: %s by %i ms; it is reported, and once the clock is set nothing of it is left", async (_, off) => {
    await create("key");
    const date = (await turns.due()) ?? 0;
    if (off < 0) await toTheDate(hour);
    await lab.control("DELETE", "/requests");
    ahead = off;
    expect(await turns.run()).toBe("0 rotated, 0 brought to an end, 1 failed.");
    expect(await shown()).toMatchObject({
      version: 1,
      rotator_status: "RotationFailed",
      last_rotation_error: expect.stringMatching(
        /^This machine's clock says 20.*, and Azure's 20.*: nothing is rotated by a wrong clock\.$/u,
      ),
    });
    expect(await added()).toBe(0);
    ahead = 0;
    if (off > 0) {
      expect(await turns.due()).toBe(date);
      expect(await turns.run()).toBe("0 rotated, 0 brought to an end, 0 failed.");
    }
    await toTheDate();
    expect(await turns.run()).toBe("1 rotated, 0 brought to an end, 0 failed.");
    expect(await shown()).toMatchObject({ version: 2, rotator_status: "RotationSucceeded" });
  });

  it("by a year behind has nothing due", async () => {
    await create("key");
    await toTheDate();
    ahead = -366 * day;
    expect(await turns.run()).toBe("0 rotated, 0 brought to an end, 0 failed.");
  });

  it.each([4 * minute, -4 * minute])("by %i ms is no other clock", async (off) => {
    await create("key");
    ahead = off;
    await toTheDate();
    expect(await turns.run()).toBe("1 rotated, 0 brought to an end, 0 failed.");
  });

  it("does as little by hand: its dates would count from a wrong day", async () => {
    await create("key");
    ahead = -6 * minute;
    await lab.control("DELETE", "/requests");
    const wrong = refused("unavailable", /clock/u);
    await expect(house.call("rotate-secret", { name: "key" })).rejects.toEqual(wrong);
    await expect(house.call("rotate-secret", { name: "key", "dry-run": true })).rejects.toEqual(wrong);
    await expect(create("other")).rejects.toEqual(wrong);
    await expect(house.call("describe-item", { name: "other" })).rejects.toEqual(refused("not_found"));
    expect(await version()).toBe(1);
    expect(await added()).toBe(0);
  });

  it("takes no credential in its time of grace away", async () => {
    await create("key", { "grace-rotation": true, "grace-rotation-interval": 20 });
    await house.call("rotate-secret", { name: "key" });
    ahead = 25 * day;
    expect(await turns.run()).toBe("0 rotated, 0 brought to an end, 1 failed.");
    expect(await azure.secretsOf(appId)).toHaveLength(2);
    ahead = 0;
    expect(await turns.run()).toBe("0 rotated, 0 brought to an end, 0 failed.");
    await toTheDate();
    await turns.run();
    expect(await azure.secretsOf(appId)).toHaveLength(1);
  });
});

describe("what was left behind, and is met by a clock that is wrong since", () => {
  it("does not become current by it: it is taken back", async () => {
    await create("key");
    const old = await house.value("key");
    during = { verify: () => house.stop.abort() };
    await expect(house.call("rotate-secret", { name: "key" })).rejects.toEqual(refused("interrupted"));
    during = {};
    ahead = 366 * day;
    expect(await turns.run()).toBe("0 rotated, 0 brought to an end, 1 failed.");
    ahead = 0;
    expect(await house.value("key")).toEqual(old);
    expect((await azure.secretsOf(appId)).map(({ key_id }) => key_id)).toEqual([old["username"]]);
  });
});

describe("one due day has one rotation", () => {
  const daily = { "rotation-interval": 1, "rotation-hour": 0 };

  it("though the clock is put back over its beginning afterwards", async () => {
    await create("key", daily);
    await toTheDate(minute);
    await turns.run();
    for (const back of [2, 4]) {
      ahead = -back * minute;
      expect(await turns.run()).toBe("0 rotated, 0 brought to an end, 0 failed.");
      ahead = 0;
      expect(await turns.run()).toBe("0 rotated, 0 brought to an end, 0 failed.");
    }
    expect(await version()).toBe(2);
    expect(((await turns.due()) ?? 0) - ours.now()).toBeGreaterThan(23 * hour);
  });

  it.each([2 * minute, 15 * hour])("though the clock is put back by %i ms in the middle of it", async (back) => {
    await create("key", daily);
    await toTheDate(minute);
    during = { verify: () => void (ahead = -back) };
    await turns.run();
    ahead = 0;
    expect(await turns.run()).toBe("0 rotated, 0 brought to an end, 0 failed.");
    expect(await version()).toBe(2);
  });

  it("a leap day too", async () => {
    clock.leap(Date.parse("2028-02-28T06:00:00Z") - clock.now());
    await create("key", { "rotation-interval": 1, "rotation-hour": 14 });
    const days: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      await toTheDate();
      days.push(new Date(ours.now()).toISOString().slice(0, 13));
      await turns.run();
      await turns.run();
    }
    expect(days).toEqual(["2028-02-29T14", "2028-03-01T14", "2028-03-02T14"]);
    expect(await version()).toBe(4);
  });

  it("if somebody rotates it by hand while a long turn has not come to it", async () => {
    const names = Array.from({ length: 6 }, (_, at) => `key${at}`);
    for (const name of names) await create(name);
    await toTheDate();
    const byHand = await rotationHouse(lab, store, ours);
    during = {
      async stage() {
        during = {};
        await byHand.call("rotate-secret", { name: "key5" });
      },
    };
    expect(await turns.run()).toBe("5 rotated, 0 brought to an end, 0 failed.");
    expect(await Promise.all(names.map(version))).toEqual(names.map(() => 2));
  });
});
