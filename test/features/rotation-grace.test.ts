import { beforeEach, describe, expect, it } from "vitest";
import { rotations } from "../../src/features/rotation/model.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { refused } from "../support/house.ts";
import { memoryStore } from "../support/memory-store.ts";
import { directoryOf, rotationHouse } from "../support/rotation-house.ts";
import { turnsOf } from "../support/rotation-turns.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = directoryOf(lab);

let house: Awaited<ReturnType<typeof rotationHouse>>;
let turns: ReturnType<typeof turnsOf>;
let appId = "";
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  house = await rotationHouse(lab, memoryStore(), clock);
  turns = turnsOf(house.engine);
  ({ appId } = await azure.application("one"));
});

const graced = (timing: "after" | "before", more: Record<string, unknown> = {}) => ({
  name: "key",
  "target-name": "t",
  "rotator-type": "api-key",
  "auto-rotate": true,
  "rotation-interval": 30,
  "rotation-hour": 2,
  "grace-rotation": true,
  "grace-rotation-interval": 5,
  "grace-rotation-hour": 9,
  "grace-rotation-timing": timing,
  ...more,
});
const create = (timing: "after" | "before", more: Record<string, unknown> = {}) =>
  house.call("rotated-secret create azure", graced(timing, { "app-id": appId, ...more }));
const rotate = () => house.call("rotate-secret", { name: "key" });
const update = (more: Record<string, unknown>) => house.call("rotated-secret update azure", { name: "key", ...more });
const value = async () => {
  const { username = "", password = "" } = await house.value("key");
  return { keyId: username, secret: password };
};
const stands = async (of = appId) => (await azure.secretsOf(of)).map(({ key_id }) => key_id);
const details = async () => {
  const { item_general_info: info, next_rotation_date } = await house.call("describe-item", { name: "key" });
  return { ...(info as { rotated_secret_details: Record<string, unknown> }).rotated_secret_details, next_rotation_date };
};
/** Leaps to what is due next, and does it. */
const onTheDate = async () => {
  const at = (await turns.due()) ?? Number.NaN;
  clock.leap(at - clock.now());
  const said = await turns.run();
  return { at: new Date(at).toISOString().slice(11, 16), days: Math.floor(at / 86_400_000), said };
};
const none = "0 brought to an end, 0 failed.";
const refusesToRemove = () =>
  lab.control("POST", "/faults", {
    path: "*removePassword",
    status: 403,
    times: 1,
    body: { error: { code: "Authorization_RequestDenied" } },
  });

describe("grace after the date", () => {
  it("leaves the old one at Azure for so many days after the rotation, in which both log in; then it is removed", async () => {
    await create("after");
    const first = await value();
    expect(await details()).toMatchObject({
      grace_rotation: true,
      grace_rotation_interval: 5,
      grace_rotation_hour: 9,
      grace_rotation_timing: "after",
      next_auto_rotate_type: "rotate",
    });
    const rotated = await onTheDate();
    expect(rotated).toMatchObject({ at: "02:00", said: `1 rotated, ${none}` });
    const second = await value();
    expect(await stands()).toEqual([first.keyId, second.keyId]);
    expect(await azure.logsIn(appId, first.secret)).toBe(true);
    expect(await details()).toMatchObject({ next_auto_rotate_type: "remove-spare" });
    expect(await turns.run()).toBe(`0 rotated, ${none}`);
    const removed = await onTheDate();
    expect(removed).toMatchObject({ at: "09:00", said: `0 rotated, 1 removed after their time of grace, ${none}` });
    expect(removed.days - rotated.days).toBe(5);
    expect(await stands()).toEqual([second.keyId]);
    expect(await azure.logsIn(appId, first.secret)).toBe(false);
    expect(await details()).toMatchObject({ next_auto_rotate_type: "rotate", rotator_status: "RotationSucceeded" });
    expect(await house.store.collection(rotations).list()).toEqual([]);
  });

  it("has two work at most: a rotation by hand removes what waited, and keeps what it replaced", async () => {
    const foreign = await azure.addPassword(appId, "somebody's");
    await create("after", { "max-versions": 1 });
    let before = await value();
    for (let count = 0; count < 3; count += 1) {
      await rotate();
      const now = await value();
      expect(await stands()).toEqual([foreign.keyId, before.keyId, now.keyId]);
      before = now;
    }
  });

  it("of all the days replaces the older of two with each rotation", async () => {
    await create("after", { "grace-rotation-interval": undefined, "grace-rotation-hour": undefined });
    const first = await value();
    await onTheDate();
    const second = await value();
    expect(await stands()).toEqual([first.keyId, second.keyId]);
    expect(await details()).toMatchObject({ grace_rotation_interval: 30, grace_rotation_hour: 2 });
    expect((await onTheDate()).said).toBe(`1 rotated, 1 removed after their time of grace, ${none}`);
    expect(await stands()).toEqual([second.keyId, (await value()).keyId]);
  });

  it("keeps the one that a target had by hand as well, and removes it then", async () => {
    const old = await azure.addPassword(appId, "by hand");
    const other = await azure.addPassword(appId, "another's");
    const self = { "azure-cloud": "lab", "tenant-id": lab.ready.tenant_id, "client-id": appId, "client-secret": old.secretText };
    await house.call("target create azure", { name: "self", ...self });
    await create("after", { "target-name": "self", "rotator-type": "target", "app-id": undefined });
    await rotate();
    expect(await stands()).toEqual([old.keyId, other.keyId, expect.any(String)]);
    await onTheDate();
    expect(await stands()).toEqual([other.keyId, expect.any(String)]);
  });

  it("takes both along when it is deleted", async () => {
    await create("after");
    await rotate();
    await house.call("rotated-secret delete", { name: "key" });
    expect(await stands()).toEqual([]);
  });

  it("tells of a removal that Azure refuses, and tries it again: the value is what it was", async () => {
    await create("after");
    await rotate();
    const now = await value();
    await refusesToRemove();
    expect((await onTheDate()).said).toBe("0 rotated, 0 brought to an end, 1 failed.");
    expect(await details()).toMatchObject({ rotator_status: "RotationFailed", next_auto_rotate_type: "remove-spare" });
    expect(await stands()).toHaveLength(2);
    expect(await value()).toEqual(now);
    expect((await onTheDate()).said).toBe(`0 rotated, 1 removed after their time of grace, ${none}`);
    expect(await stands()).toEqual([now.keyId]);
    expect(await details()).toMatchObject({ rotator_status: "RotationSucceeded", next_auto_rotate_type: "rotate" });
  });

  it("lasts as long as it is said to: changed days hold for the one that waits already", async () => {
    await create("after");
    await rotate();
    await update({ "grace-rotation-interval": 2 });
    const { days } = await onTheDate();
    expect(
      days - Math.floor(Date.parse((await house.call("describe-item", { name: "key" }))["last_rotation_date"] as string) / 86_400_000),
    ).toBe(2);
    expect(await stands()).toEqual([(await value()).keyId]);
  });
});

describe("grace before the date", () => {
  it("makes the next one so many days ahead, which logs in while the old one is the value; on the date it is current without a request for it", async () => {
    await create("before");
    const first = await value();
    const { next_rotation_date: date } = await details();
    expect(await details()).toMatchObject({ grace_rotation_timing: "before", next_auto_rotate_type: "make-next" });
    const made = await onTheDate();
    expect(made).toMatchObject({ at: "09:00", said: `0 rotated, 1 made ahead, ${none}` });
    expect(await stands()).toEqual([first.keyId, expect.any(String)]);
    expect(await value()).toEqual(first);
    expect(await details()).toMatchObject({ next_auto_rotate_type: "rotate", next_rotation_date: date });
    const [, ahead] = await stands();
    await lab.control("DELETE", "/requests");
    const rotated = await onTheDate();
    expect(rotated).toMatchObject({ at: "02:00", said: `1 rotated, ${none}` });
    expect(rotated.days - made.days).toBe(5);
    const { requests } = (await lab.control("GET", "/requests")).json as { requests: { path: string }[] };
    expect(requests.filter(({ path }) => path.includes("addPassword"))).toEqual([]);
    const second = await value();
    expect(second.keyId).toBe(ahead);
    expect(await stands()).toEqual([second.keyId]);
    expect(await azure.logsIn(appId, second.secret)).toBe(true);
    expect(await house.store.collection(rotations).list()).toEqual([]);
  });

  it("lets a rotation by hand take what was made ahead, or make one where none is; the date moves", async () => {
    await create("before");
    await onTheDate();
    const [, ahead] = await stands();
    await rotate();
    expect(await stands()).toEqual([ahead]);
    expect(await value()).toMatchObject({ keyId: ahead });
    await rotate();
    expect(await stands()).toEqual([(await value()).keyId]);
    expect((await value()).keyId).not.toBe(ahead);
    expect(await details()).toMatchObject({ next_auto_rotate_type: "make-next" });
  });

  it("rotates once after a year in which nobody ran it", async () => {
    await create("before");
    clock.leap(366 * 86_400_000);
    expect(await turns.run()).toBe(`1 rotated, 1 made ahead, ${none}`);
    expect(await turns.run()).toBe(`0 rotated, ${none}`);
    expect(await stands()).toEqual([(await value()).keyId]);
  });

  it("of all the days has the next one at hand at all times", async () => {
    await create("before", { "grace-rotation-interval": undefined, "grace-rotation-hour": 0 });
    expect((await onTheDate()).said).toBe(`0 rotated, 1 made ahead, ${none}`);
    expect((await onTheDate()).said).toBe(`1 rotated, 1 made ahead, ${none}`);
    expect(await stands()).toEqual([(await value()).keyId, expect.any(String)]);
  });

  it("makes another where somebody removed what was made ahead, be it seen or not", async () => {
    await create("before");
    await onTheDate();
    const [, ahead] = await stands();
    await azure.graph("POST", `/applications(appId='${appId}')/removePassword`, { keyId: ahead });
    expect((await onTheDate()).said).toBe(`1 rotated, ${none}`);
    expect(await stands()).toEqual([(await value()).keyId]);
    expect((await value()).keyId).not.toBe(ahead);
  });

  it("removes what does not log in on its date; the old value stays, and the next try makes another", async () => {
    await create("before");
    const first = await value();
    await onTheDate();
    const [, ahead] = await stands();
    const real = await house.engine.rotators["api-key"]();
    const broken = turnsOf({
      ...house.engine,
      rotators: {
        ...house.engine.rotators,
        "api-key": async () => ({ ...real, verify: async (subject) => real.verify(subject, "wrong") }),
      },
    });
    clock.leap(((await turns.due()) ?? 0) - clock.now());
    expect(await broken.run()).toBe("0 rotated, 0 brought to an end, 1 failed.");
    expect(await details()).toMatchObject({ next_auto_rotate_type: "make-next" });
    expect(await value()).toEqual(first);
    expect(await stands()).toEqual([first.keyId]);
    clock.leap(((await turns.due()) ?? 0) - clock.now());
    await turns.run();
    const second = await value();
    expect(await stands()).toEqual([second.keyId]);
    expect([first.keyId, ahead]).not.toContain(second.keyId);
  });

  it("takes both along when it is deleted", async () => {
    await create("before");
    await onTheDate();
    expect(await stands()).toHaveLength(2);
    await house.call("rotated-secret delete", { name: "key" });
    expect(await stands()).toEqual([]);
  });

  it("needs no more room than two places", async () => {
    const personal = { displayName: "two", signInAudience: "AzureADandPersonalMicrosoftAccount" };
    ({ appId } = (await azure.graph("POST", "/applications", personal)).json);
    await azure.graph("POST", "/servicePrincipals", { appId });
    await create("before");
    for (const said of ["0 rotated, 1 made ahead, ", "1 rotated, "]) expect((await onTheDate()).said).toBe(said + none);
    await update({ "grace-rotation-timing": "after", "grace-rotation-interval": 29 });
    for (const said of ["1 rotated, ", "0 rotated, 1 removed after their time of grace, ", "1 rotated, "])
      expect((await onTheDate()).said).toBe(said + none);
  });
});

describe("grace of what has one value at a time", () => {
  it.each([
    ["password", { username: "ada@example.com" }],
    ["azure-storage-account", { "storage-account-key-name": "key1" }],
  ])("is refused: %s", async (type, more) => {
    await lab.control("DELETE", "/requests");
    await expect(create("after", { "rotator-type": type, "app-id": undefined, ...more })).rejects.toEqual(
      refused("usage", /--grace-rotation is for client secrets/u),
    );
    expect((await lab.control("GET", "/requests")).json.requests).toEqual([]);
  });
});

describe("who changes the timing of grace, or ends it, starts again from one credential", () => {
  const changes = { "grace-rotation": false };
  it.each([
    ["after", changes],
    ["after", { "grace-rotation-timing": "before" }],
    ["before", changes],
    ["before", { "grace-rotation-timing": "after" }],
  ] as const)("%s: %j", async (timing, change) => {
    await create(timing);
    await onTheDate();
    const now = await value();
    expect(await stands()).toHaveLength(2);
    await update(change);
    expect(await stands()).toEqual([now.keyId]);
    expect(await value()).toEqual(now);
    expect(await details()).toMatchObject({ grace_rotation: !("grace-rotation" in change) });
  });

  it("and where Azure refuses that, he is told that the change holds, and the schedule goes on with it", async () => {
    await create("after");
    await rotate();
    await refusesToRemove();
    await expect(update({ "grace-rotation": false })).rejects.toEqual(
      refused("forbidden", /\/key is changed\. .*could not be removed yet/u),
    );
    expect(await details()).toMatchObject({ grace_rotation: false });
    expect(await stands()).toHaveLength(2);
    await onTheDate();
    expect(await stands()).toEqual([(await value()).keyId]);
  });

  it("and removes nothing by another change", async () => {
    await create("after");
    await rotate();
    await update({ "rotation-hour": 3, "grace-rotation": true, "new-name": "key", "add-tag": ["a"] });
    expect(await stands()).toHaveLength(2);
    await expect(update({ "rotation-interval": 4 })).rejects.toEqual(refused("usage", /not less than/u));
  });
});
