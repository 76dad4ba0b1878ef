import { beforeEach, describe, expect, it } from "vitest";
import { rotations } from "../../src/features/rotation/model.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { refused } from "../support/house.ts";
import { inPlaceOf } from "../support/in-place-lab.ts";
import { memoryStore } from "../support/memory-store.ts";
import { rotationHouse } from "../support/rotation-house.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = inPlaceOf(lab);

let house: Awaited<ReturnType<typeof rotationHouse>>;
let username = "";
let count = 0;
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  await lab.control("PUT", "/settings", { replication: 0, userLogin: "password" });
  house = await rotationHouse(lab, memoryStore(), clock);
  username = await azure.user(`user${(count += 1)}`);
  await house.call("rotated-secret create azure", { name: "key", "target-name": "t", "rotator-type": "password", username });
});
const byHand = "Battery-Staple-2";
const changedByHand = () => azure.user(`user${count}`, byHand);
const update = (more: Record<string, unknown>, from = house) => from.call("rotated-secret update azure", { name: "key", ...more });
const rotate = () => house.call("rotate-secret", { name: "key" });
const password = async (version = 0) => (await house.value("key", { version }))["password"];
const left = async () => (await house.store.collection(rotations).list()).map(({ value }) => value.phase);
const item = () => house.call("describe-item", { name: "key" });
const status = async () =>
  ((await item())["item_general_info"] as Record<string, Record<string, unknown>>)["rotated_secret_details"]?.["rotator_status"];
const patches = async () =>
  (await lab.control("GET", "/requests")).json.requests.filter(({ method }: { method: string }) => method === "PATCH").length;

describe("a password that a person has changed by hand", () => {
  it("is the next version, tried and never set; the one before stays readable, and the next rotation replaces it", async () => {
    const old = await password();
    await changedByHand();
    await lab.control("DELETE", "/requests");
    await update({ password: byHand });
    expect(await patches()).toBe(0);
    expect(await house.value("key")).toEqual({ username, password: byHand });
    expect(await password(1)).toBe(old);
    expect(await left()).toEqual([]);
    await rotate();
    expect(await azure.userLogsIn(username, (await password()) ?? "")).toBe(true);
    expect(await item()).toMatchObject({ last_version: 3 });
  });

  it("that does not log in is not taken, unless --skip-dry-run", async () => {
    const old = await password();
    await expect(update({ password: byHand })).rejects.toEqual(refused("unauthenticated", /password of the user/u));
    expect(await password()).toBe(old);
    await update({ password: byHand, "skip-dry-run": true });
    expect(await password()).toBe(byHand);
  });

  it("is unverified, and that is said, where a user's login is worth nothing", async () => {
    await changedByHand();
    await lab.control("PUT", "/settings", { userLogin: "mfa" });
    await update({ password: byHand });
    expect(await status()).toBe("unverified");
    expect(house.warnings.join()).toMatch(/unverified: /u);
    expect(await password()).toBe(byHand);
  });

  it("under the name that older clients have for it is the same", async () => {
    await changedByHand();
    await update({ "rotated-password": byHand, "rotated-username": username.toUpperCase(), "rotator-creds-type": "use-self-creds" });
    expect(await password()).toBe(byHand);
  });

  it("and is the current one already makes no version", async () => {
    await update({ password: await password() });
    expect(await item()).toMatchObject({ last_version: 1 });
  });

  it("of another user is no change of this one", async () => {
    await expect(update({ username: "other@local.onmicrosoft.com", password: byHand })).rejects.toEqual(
      refused("usage", /\/key has another --username/u),
    );
  });

  it.each([
    ["another than before", byHand],
    ["the one that the item has", undefined],
  ])("ends a rotation that was left behind, and that would set its own once more: %s", async (_, given) => {
    const before = (await password()) ?? "";
    await lab.control("POST", "/faults", { method: "PATCH", reset: "after", times: 2 });
    await lab.control("POST", "/faults", { path: "*oauth2/v2.0/token", status: 503, times: 100 });
    await expect(rotate()).rejects.toEqual(refused("unavailable"));
    expect(await left()).toEqual(["replacing"]);
    await lab.control("DELETE", "/faults");
    await azure.user(`user${count}`, given ?? before);
    await lab.control("DELETE", "/requests");
    await update({ password: given ?? before });
    expect(await patches()).toBe(0);
    expect(await left()).toEqual([]);
    expect(await password()).toBe(given ?? before);
    expect(await azure.userLogsIn(username, given ?? before)).toBe(true);
    expect(await status()).toBe("RotationSucceeded");
  });

  it("and that a paused rotation replaces later at Azure is set once more by that one", async () => {
    const [asleep, woken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = await rotationHouse(lab, house.store, clock, undefined, (real) => ({
      ...real,
      password: async () => {
        const rotator = await real.password();
        return {
          ...rotator,
          stage: async (subject, secret) => {
            asleep.resolve();
            await woken.promise;
            return rotator.stage(subject, secret);
          },
        };
      },
    }));
    const late = slow.call("rotate-secret", { name: "key" }).catch((error: unknown) => error);
    await asleep.promise;
    await changedByHand();
    await update({ password: byHand }, await rotationHouse(lab, house.store, { ...clock, now: () => clock.now() + 61_000 }));
    woken.resolve();
    expect(await late).toEqual(refused("conflict"));
    expect(await azure.userLogsIn(username, (await password()) ?? "")).toBe(true);
    expect(await password()).toBe(byHand);
    expect(await left()).toEqual([]);
  });
});
