import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { rotations } from "../../src/features/rotation/model.ts";
import { UscError } from "../../src/kernel/errors.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { inPlaceOf } from "../support/in-place-lab.ts";
import { memoryStore } from "../support/memory-store.ts";
import { rotationHouse } from "../support/rotation-house.ts";
import { faults, hastyRotators, silences } from "./rotation-faults.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = inPlaceOf(lab);
const username = await azure.user("ada");
const account = await azure.account("faulty", true);
let cells = 0;
afterAll(() => console.log(`rotation in its place: ${cells} fault cells`));

const kinds = {
  password: {
    input: { "rotator-type": "password", username },
    works: async (value: string) => azure.userLogsIn(username, value),
  },
  "storage key": {
    input: {
      "rotator-type": "azure-storage-account",
      "storage-account-key-name": "kerb1",
      "explicitly-set-sa": true,
      "resource-group-name": "local",
      "resource-name": account,
    },
    works: async (value: string) => (await azure.keysOf(account))["kerb1"] === value,
  },
};

let house: Awaited<ReturnType<typeof rotationHouse>>;
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  house = await rotationHouse(lab, memoryStore(), clock);
  await house.call("target update azure", { name: "t", "subscription-id": lab.ready.subscription_id });
});

const calls: readonly [call: string, kind: keyof typeof kinds, at: object, before?: object][] = [
  ["the look at the user", "password", { path: "*users*", method: "GET" }],
  ["the PATCH of the password", "password", { method: "PATCH" }],
  ["the login that proves", "password", { path: "*oauth2/v2.0/token" }],
  ["the login that proves, after a lost answer", "password", { path: "*oauth2/v2.0/token" }, { method: "PATCH", reset: "after" }],
  ["the PATCH once more, after a lost answer", "password", { method: "PATCH" }, { method: "PATCH", reset: "after" }],
  ["the look at the keys", "storage key", { path: "*listKeys" }],
  ["regenerateKey", "storage key", { path: "*regenerateKey" }],
  ["the look at the keys, after a lost answer", "storage key", { path: "*listKeys", skip: 1 }, { path: "*regenerateKey", reset: "after" }],
];
const table = calls.flatMap(([call, kind, at, before]) =>
  Object.entries({ ...faults, ...silences }).flatMap(([fault, played]) =>
    (fault in silences ? [1, 1000] : [1, 4, 1000]).map(
      (times) => [call, fault, times, { kind, before, fault: { ...at, ...played, times } }] as const,
    ),
  ),
);

describe("whatever Azure answers, the value works when the next rotation has come to its end, and a failure in between leaves it working or says so", () => {
  it.each(table)("%s: %s, %i times", async (_, what, __, { kind, before, fault }) => {
    if (what in silences) house = await rotationHouse(lab, house.store, clock, undefined, hastyRotators(house.store, clock));
    const { input, works } = kinds[kind];
    await house.call("rotated-secret create azure", { name: "key", "target-name": "t", ...input });
    const value = async () => (await house.value("key"))["password"] ?? "";
    const left = async () => (await house.store.collection(rotations).list()).map(({ value: { phase } }) => phase);
    if (before !== undefined) await lab.control("POST", "/faults", before);
    await lab.control("POST", "/faults", fault);
    const failure: unknown = await house.call("rotate-secret", { name: "key" }).then(
      () => undefined,
      (error: unknown) => error,
    );
    await lab.control("DELETE", "/faults");
    if (failure === undefined) expect([await left(), await works(await value())]).toEqual([[], true]);
    else {
      expect(failure).toBeInstanceOf(UscError);
      expect(failure).not.toHaveProperty("code", "internal");
      // What is not over is in the journal, and the sentence says that the value may not work.
      if ((await left()).length === 0) expect(await works(await value())).toBe(true);
      else
        expect(failure).toHaveProperty(
          "message",
          expect.stringContaining("Until the rotation of /key has come to its end its value may not work."),
        );
    }
    await house.call("rotate-secret", { name: "key" });
    expect(await works(await value())).toBe(true);
    expect(await left()).toEqual([]);
    await house.call("rotated-secret delete", { name: "key" });
    cells += 1;
  });
});
