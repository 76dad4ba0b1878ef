import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { rotations } from "../../src/features/rotation/model.ts";
import { UscError } from "../../src/kernel/errors.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { memoryStore } from "../support/memory-store.ts";
import { directoryOf, rotationHouse } from "../support/rotation-house.ts";
import { faults, hastyRotators, silences } from "./rotation-faults.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = directoryOf(lab);
const { appId } = await azure.application("app");
const foreign = await azure.addPassword(appId, "somebody's");
let cells = 0;
afterAll(() => console.log(`rotation: ${cells} fault cells`));

let house: Awaited<ReturnType<typeof rotationHouse>>;
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  house = await rotationHouse(lab, memoryStore(), clock);
  const app = { "target-name": "t", "rotator-type": "api-key", "app-id": appId };
  await house.call("rotated-secret create azure", { name: "key", ...app });
});

const calls = {
  "the look at the application": { path: "*applications*", method: "GET" },
  addPassword: { path: "*addPassword" },
  "the login that proves": { path: "*oauth2/v2.0/token" },
  removePassword: { path: "*removePassword" },
};
const table = Object.entries(calls).flatMap(([call, at]) =>
  Object.entries({ ...faults, ...silences }).flatMap(([fault, played]) =>
    (fault in silences ? [1, 1000] : [1, 4, 1000]).map((times) => [call, fault, times, { ...at, ...played, times }] as const),
  ),
);

describe("whatever Azure answers, the value works, nothing is orphaned, and the next rotation sets all right", () => {
  it.each(table)("%s: %s, %i times", async (_, what, __, fault) => {
    if (what in silences) house = await rotationHouse(lab, house.store, clock, undefined, hastyRotators(house.store, clock));
    await lab.control("POST", "/faults", fault);
    const failure: unknown = await house.call("rotate-secret", { name: "key" }).then(
      () => undefined,
      (error: unknown) => error,
    );
    await lab.control("DELETE", "/faults");
    const stands = async () => (await azure.secretsOf(appId)).map(({ key_id }) => key_id);
    if (failure === undefined) expect(await stands()).toEqual([foreign.keyId, (await house.value("key"))["username"]]);
    else {
      expect(failure).toBeInstanceOf(UscError);
      expect(failure).not.toHaveProperty("code", "internal");
    }
    expect(await azure.logsIn(appId, (await house.value("key"))["password"] ?? "")).toBe(true);
    await house.call("rotate-secret", { name: "key" });
    const { username, password = "" } = await house.value("key");
    expect(await azure.logsIn(appId, password)).toBe(true);
    expect(await stands()).toEqual([foreign.keyId, username]);
    expect(await house.store.collection(rotations).list()).toEqual([]);
    await house.call("rotated-secret delete", { name: "key" });
    cells += 1;
  });
});
