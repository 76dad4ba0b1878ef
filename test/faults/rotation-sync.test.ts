import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { associations } from "../../src/features/rotation/associations.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { looker } from "../support/look.ts";
import { memoryStore } from "../support/memory-store.ts";
import { directoryOf, rotationHouse } from "../support/rotation-house.ts";
import { faults } from "./rotation-faults.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const { appId } = await directoryOf(lab).application("app");
let cells = 0;
afterAll(() => console.log(`rotation (sync): ${cells} fault cells`));

let token = { text: "", until: 0 };
const look = looker(async (path) => {
  if (token.until < clock.now()) token = { text: await lab.token(), until: clock.now() + 1_800_000 };
  return lab.vault("GET", path, undefined, { token: token.text });
});

let house: Awaited<ReturnType<typeof rotationHouse>>;
let there = "";
let count = 0;
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  house = await rotationHouse(lab, memoryStore(), clock);
  there = `key-${(count += 1)}`;
  const app = { "target-name": "t", "rotator-type": "api-key", "app-id": appId };
  await house.call("rotated-secret create azure", { name: "key", ...app });
  await house.call("create-usc", { name: "kv", "target-to-associate": "t", "azure-kv-name": "demo" });
  const to = { "usc-name": "kv", "remote-secret-name": there, "filter-secret-value": ".password" };
  await house.call("rotated-secret sync", { name: "key", ...to });
});

const calls = { "the look at the secret": "GET", "the write": "PUT" };
const table = Object.entries(calls).flatMap(([call, method]) =>
  Object.entries(faults).flatMap(([fault, played]) =>
    [1, 1000].map((times) => [call, fault, times, { path: "/secrets/*", method, ...played, times }] as const),
  ),
);

describe("whatever the vault answers, the rotation ends well; what is written down is so, and the next sync sets all right", () => {
  it.each(table)("%s: %s, %i times", async (_, __, ___, fault) => {
    await lab.control("POST", "/faults", fault);
    await house.call("rotate-secret", { name: "key" });
    await lab.control("DELETE", "/faults");
    const { password } = await house.value("key");
    const [standing] = (await house.store.collection(associations).list()).map(({ value }) => value);
    const isTold = standing?.pushed === 2 ? standing["last-error"] === undefined : /\w.*\.$/u.test(standing?.["last-error"] ?? "");
    expect({ isTold, ...standing }).toMatchObject({ isTold: true, until: 0 });
    expect(standing?.["last-error"] ?? "").not.toContain("unexpectedly");
    if (standing?.pushed === 2) expect((await look(there)).is).toBe(`live ${password}`);
    await house.call("rotated-secret sync", { name: "key" });
    expect(await look(there)).toEqual({ is: `live ${password}`, versions: 2 });
    await house.call("rotated-secret delete-sync", { name: "key", "usc-name": "kv" });
    await house.call("rotated-secret delete", { name: "key" });
    cells += 1;
  });
});
