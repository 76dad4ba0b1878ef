import { beforeEach, describe, expect, it } from "vitest";
import { waiting } from "../../src/features/events/lanes.ts";
import { operations } from "../../src/features/rotation/index.ts";
import { rotations } from "../../src/features/rotation/model.ts";
import type { Beside } from "../../src/features/rotation/port.ts";
import { invoke, operationNamed } from "../../src/kernel/operation.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { refused } from "../support/house.ts";
import { memoryStore } from "../support/memory-store.ts";
import { memoryWitness } from "../support/memory-audit.ts";
import { quietSteps } from "../support/quiet-steps.ts";
import { directoryOf, rotationHouse } from "../support/rotation-house.ts";
import { turnsOf } from "../support/rotation-turns.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab", vaults: ["demo"] });
const azure = directoryOf(lab);

let before: Partial<Record<Exclude<keyof Beside, "is">, () => Promise<void> | void>> = {};
const watched = (real: Beside): Beside => ({
  is: "beside",
  look: async (...given) => (await before.look?.(), real.look(...given)),
  stage: async (...given) => (await before.stage?.(), real.stage(...given)),
  verify: async (...given) => (await before.verify?.(), real.verify(...given)),
  retire: async (...given) => (await before.retire?.(), real.retire(...given)),
});

let house: Awaited<ReturnType<typeof rotationHouse>>;
let appId = "";
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  before = {};
  house = await rotationHouse(lab, memoryStore(), clock, watched);
  ({ appId } = await azure.application("one"));
});

interface Made {
  keyId: string;
  secretText: string;
}
const byHand = (): Promise<Made> => azure.addPassword(appId, "by hand");
const flags = ({ keyId, secretText }: Made) => ({ "api-id": keyId, "api-key": secretText });
const create = (more: Record<string, unknown> = {}) =>
  house.call("rotated-secret create azure", { name: "key", "target-name": "t", "rotator-type": "api-key", "app-id": appId, ...more });
const update = (more: Record<string, unknown>, from = house) => from.call("rotated-secret update azure", { name: "key", ...more });
const rotate = () => house.call("rotate-secret", { name: "key" });
const value = (more: Record<string, unknown> = {}) => house.value("key", more);
const shownAs = ({ keyId, secretText }: Made) => ({ username: keyId, password: secretText, application_id: appId });
const stands = async () => new Set((await azure.secretsOf(appId)).map(({ key_id }) => key_id));
const left = async () => (await house.store.collection(rotations).list()).map(({ value: record }) => record.phase);
const item = () => house.call("describe-item", { name: "key" });
const details = async () =>
  ((await item())["item_general_info"] as Record<string, Record<string, unknown>>)["rotated_secret_details"] ?? {};
const graced = (timing: string) => ({
  "auto-rotate": true,
  "rotation-interval": 30,
  "grace-rotation": true,
  "grace-rotation-interval": 5,
  "grace-rotation-timing": timing,
});
const later = () => rotationHouse(lab, house.store, { ...clock, now: () => clock.now() + 61_000 });

describe("a client secret that somebody else has made", () => {
  it("is the next version, tried first; it is current before what usc had made goes; and what usc had not made stays", async () => {
    const foreign = await byHand();
    await create();
    const old = await value();
    const given = await byHand();
    before = { retire: async () => expect(await value()).toEqual(shownAs(given)) };
    expect(await update(flags(given))).toEqual({ name: "/key" });
    expect(await value()).toEqual(shownAs(given));
    expect(await value({ version: 1 })).toEqual(old);
    expect(await item()).toMatchObject({ last_version: 2, last_rotation_date: expect.any(String) });
    expect(await details()).toMatchObject({ rotator_status: "RotationSucceeded", rotator_creds_type: "use-target-creds" });
    expect(await stands()).toEqual(new Set([foreign.keyId, given.keyId]));
    expect(await left()).toEqual([]);
  });

  it("stays at Azure when it is replaced, by another or by a rotation, and when the item is deleted", async () => {
    const [first, second] = [await byHand(), await byHand()];
    await create(flags(first));
    await update(flags(second));
    await rotate();
    expect(house.warnings.join()).toContain(second.keyId);
    expect(await stands()).toEqual(new Set([first.keyId, second.keyId, (await value())["username"]]));
    await house.call("rotated-secret delete", { name: "key" });
    expect(await stands()).toEqual(new Set([first.keyId, second.keyId]));
  });

  it("that does not log in is not taken, and nothing has changed: unless --skip-dry-run", async () => {
    await create();
    const old = await value();
    const wrong = { keyId: crypto.randomUUID(), secretText: "wrong" };
    await expect(update({ ...flags(wrong), "rotation-hour": 3 })).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringMatching(/^The value does not log in\./u),
      details: { hint: expect.stringMatching(/^It was tried itself/u) },
    });
    expect(await value()).toEqual(old);
    expect(await stands()).toEqual(new Set([old["username"]]));
    expect(await details()).toMatchObject({ rotation_hour: 14 });
    expect(await left()).toEqual([]);
    await update({ ...flags(wrong), "skip-dry-run": true });
    expect(await value()).toEqual(shownAs(wrong));
    expect(await stands()).toEqual(new Set());
  });

  it.each([
    ["after", "rotate", rotate],
    ["before", "make-next", () => (clock.leap(26 * 86_400_000), turnsOf(house.engine).run())],
  ])("ends grace %s the date: what stands beside the current one goes too", async (timing, next, prepare) => {
    await create(graced(timing));
    await prepare();
    expect((await stands()).size).toBe(2);
    const given = await byHand();
    await update(flags(given));
    expect(await stands()).toEqual(new Set([given.keyId]));
    expect(await details()).toMatchObject({ next_auto_rotate_type: next });
  });

  it("needs no room where one of ours makes room for it", async () => {
    ({ appId } = (
      await azure.graph("POST", "/applications", { displayName: "two", signInAudience: "AzureADandPersonalMicrosoftAccount" })
    ).json);
    await azure.graph("POST", "/servicePrincipals", { appId });
    await create();
    const given = await byHand();
    await update(flags(given));
    expect(await stands()).toEqual(new Set([given.keyId]));
  });

  it("is told as rotations are, and its day is the last one", async () => {
    await create({ "auto-rotate": true, "rotation-interval": 30, "rotation-hour": 2 });
    await house.listen("rotated-secret-success");
    clock.leap(10 * 86_400_000);
    const given = await byHand();
    await update(flags(given));
    const events = (await house.store.collection(waiting).list()).flatMap(({ value: record }) => record.events);
    expect(events.map(({ payload }) => payload)).toMatchObject([
      { event_message: "/key was given another value: version 2 is current.", version: "2" },
    ]);
    expect(JSON.stringify(events)).not.toContain(given.secretText);
    const { next_rotation_date: next } = await item();
    expect(Math.floor(Date.parse(String(next)) / 86_400_000) - Math.floor(clock.now() / 86_400_000)).toBe(30);
  });

  it("is written to the vaults that are synced, before the old one goes", async () => {
    await house.call("create-usc", { name: "kv", "target-to-associate": "t", "azure-kv-name": "demo" });
    await create();
    await house.call("rotated-secret sync", {
      name: "key",
      "usc-name": "kv",
      "filter-secret-value": ".password",
      "remote-secret-name": `k${appId}`,
    });
    const given = await byHand();
    const there = async () => (await lab.vault("GET", `/secrets/k${appId}`)).json.value;
    before = { retire: async () => expect(await there()).toBe(given.secretText) };
    await update(flags(given));
    expect(await there()).toBe(given.secretText);
  });

  it("comes together with whatever else is said, its new name too", async () => {
    await create();
    const given = await byHand();
    await update({ ...flags(given), "new-name": "/live/key", "rotation-hour": 3, "add-tag": ["a"], "item-custom-fields": { owner: "me" } });
    expect(await house.value("/live/key")).toEqual(shownAs(given));
    expect(await house.call("describe-item", { name: "/live/key" })).toMatchObject({
      item_tags: ["a"],
      item_custom_fields_details: [{ name: "owner", value: "me" }],
      item_general_info: { rotated_secret_details: { rotation_hour: 3 } },
    });
  });
});

describe("--keep-prev-version", () => {
  it.each([
    [undefined, 10, [1, 2, 3]],
    [undefined, 2, [2, 3]],
    [undefined, 1, [3]],
    [false, 10, [1, 3]],
    [false, 1, [3]],
    [true, 10, [1, 2, 3]],
    [true, 1, [2, 3]],
  ])("%s, and --max-versions %i: of three values %j stay readable", async (keep, most, readable) => {
    await create({ "max-versions": 10 });
    await rotate();
    const given = await byHand();
    await update({ ...flags(given), "keep-prev-version": keep, "max-versions": most });
    const seen = await Promise.all(
      [1, 2, 3].map((version) =>
        value({ version }).then(
          () => version,
          () => 0,
        ),
      ),
    );
    expect(seen.filter((version) => version > 0)).toEqual(readable);
    // Whatever is readable: what usc had made is gone.
    expect(await stands()).toEqual(new Set([given.keyId]));
  });
});

describe("the client secret that is current already", () => {
  it("given again, as some clients do with each change, makes no version, ends no grace and touches nothing at Azure", async () => {
    await create(graced("after"));
    await rotate();
    const { username = "", password = "" } = await value();
    const stood = await stands();
    await update({ ...flags({ keyId: username.toUpperCase(), secretText: password }), "rotation-interval": 60 });
    expect(await item()).toMatchObject({ last_version: 2, rotation_interval: 60 });
    expect(await stands()).toEqual(stood);
    // It still is ours.
    await update({ "grace-rotation": false });
    await rotate();
    expect(await stands()).toEqual(new Set([(await value())["username"]]));
  });

  it("of which another value was stored is mended: a new version under the same key id", async () => {
    const given = await byHand();
    await create({ ...flags({ ...given, secretText: "mistyped" }), "skip-dry-run": true });
    await update(flags(given));
    expect(await value()).toEqual(shownAs(given));
    expect(await item()).toMatchObject({ last_version: 2 });
    expect(await stands()).toEqual(new Set([given.keyId]));
  });

  it("that usc made, and of which another value was stored, stays at Azure, and stays ours", async () => {
    await create();
    const { username: keyId = "", password: secretText = "" } = await value();
    await update({ ...flags({ keyId, secretText: `${secretText}~` }), "skip-dry-run": true });
    expect(await stands()).toEqual(new Set([keyId]));
    await update(flags({ keyId, secretText }));
    expect(await value()).toEqual(shownAs({ keyId, secretText }));
    await rotate();
    expect(await stands()).toEqual(new Set([(await value())["username"]]));
  });
});

describe("a client secret of ours that is given back", () => {
  it("in its days of grace is current again, and ours: the newer one goes, and a rotation removes it", async () => {
    // So that nothing else than the new version says whose it is.
    await create({ ...graced("after"), "max-versions": 1 });
    const first = await value();
    await rotate();
    const back = { keyId: first["username"] ?? "", secretText: first["password"] ?? "" };
    await update(flags(back));
    expect(await value()).toEqual(first);
    expect(await stands()).toEqual(new Set([back.keyId]));
    await update({ "grace-rotation": false });
    await rotate();
    expect(await stands()).toEqual(new Set([(await value())["username"]]));
  });
});

describe("a key id that is not the one of the value", () => {
  it("is refused where the value is one of ours: else that one would be removed", async () => {
    await create();
    const { password: secretText = "", username = "" } = await value();
    const { keyId } = await byHand();
    for (const more of [{}, { "skip-dry-run": true }]) {
      await expect(update({ ...flags({ keyId, secretText }), ...more })).rejects.toEqual(
        refused("usage", new RegExp(`value of .* ${username}`, "u")),
      );
    }
    expect((await stands()).size).toBe(2);
  });

  it("is refused where Azure's hint says so, also at a creation", async () => {
    const [one, other] = [await byHand(), await byHand()];
    const mixed = flags({ keyId: one.keyId, secretText: other.secretText });
    await expect(create(mixed)).rejects.toEqual(refused("usage", /begins otherwise/u));
    await create();
    await expect(update(mixed)).rejects.toEqual(refused("usage", /begins otherwise/u));
    expect((await stands()).size).toBe(3);
  });
});

describe("who rotates", () => {
  const who = async () => (await details())["rotator_creds_type"];

  it("stays where nobody says it; with --api-id the credential itself may, and the target whenever it is said", async () => {
    await create();
    await update(flags(await byHand()));
    expect(await who()).toBe("use-target-creds");
    await update({ ...flags(await byHand()), "authentication-credentials": "use-user-creds" });
    expect(await who()).toBe("use-user-creds");
    await rotate();
    await update({ "authentication-credentials": "use-target-creds" });
    expect(await who()).toBe("use-target-creds");
    await rotate();
  });

  it.each(["use-user-creds", "use-self-creds"])(
    "%s without a credential is what clients say of themselves, and says nothing beside other words",
    async (word) => {
      await create();
      await update({ "authentication-credentials": word, "explicitly-set-sa": "false", "rotation-hour": 3 });
      await update({ "rotator-creds-type": word, "rotation-hour": 4 });
      expect(await who()).toBe("use-target-creds");
      expect(await details()).toMatchObject({ rotation_hour: 4 });
    },
  );

  it("use-user-creds alone, as a person says it, wants the credential", async () => {
    await create();
    await expect(update({ "authentication-credentials": "use-user-creds" })).rejects.toEqual(
      refused("usage", /--api-id and --api-key are missing/u),
    );
  });

  it("use-target-creds wants the right to use the target", async () => {
    await create(flags(await byHand()));
    const deps = {
      ...house.engine,
      steps: quietSteps(),
      may: (capability: string, kind: string) => kind !== "target" || capability !== "read",
    };
    const change = operationNamed("rotated-secret update azure", operations(deps));
    const call = (input: object) => invoke(change, { name: "key", ...input }, memoryWitness(clock).witness);
    await expect(call({ "authentication-credentials": "use-target-creds" })).rejects.toEqual(refused("gateway_forbidden"));
    await call({ "rotation-hour": 3 });
    expect(await who()).toBe("use-user-creds");
  });
});

describe("what an item is of", () => {
  it("may be said again, and does not change", async () => {
    await create();
    await update({ "app-id": appId.toUpperCase(), "rotation-hour": 3 });
    await expect(update({ "app-id": crypto.randomUUID() })).rejects.toEqual(refused("usage", /\/key has another --app-id/u));
  });

  it.each([
    ["an --api-id without its key", { "api-id": crypto.randomUUID() }, "usage"],
    ["an --api-key without its id", { "api-key": "x" }, "usage"],
    ["a key of several lines", { "api-id": crypto.randomUUID(), "api-key": "x\n" }, "usage"],
    ["an --api-id of another form", { "api-id": "mine", "api-key": "x" }, "usage"],
    ["--key", { key: "k" }, "unsupported"],
  ])("%s is refused", async (_, input, code) => {
    await create();
    const old = await value();
    await expect(update(input)).rejects.toEqual(refused(code));
    expect(await value()).toEqual(old);
  });

  it("an empty --api-id says nothing", async () => {
    await create();
    const old = await value();
    await update({ "api-id": "", "api-key": "", password: "" });
    expect(await value()).toEqual(old);
  });
});

describe("while it is rotated", () => {
  /** A rotation, or another command, that sleeps before it makes this call. */
  const asleepBefore = async (at: keyof typeof before, begin: () => Promise<unknown> = rotate) => {
    const [paused, asleep] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    before = { [at]: () => ((before = {}), asleep.resolve(), paused.promise) };
    const ended = begin().catch((error: unknown) => error);
    await asleep.promise;
    return { wake: () => (paused.resolve(), ended) };
  };

  it("is a conflict, and nothing is asked of Azure", async () => {
    await create();
    const given = await byHand();
    const { wake } = await asleepBefore("stage");
    before = { verify: () => expect.unreachable(), look: () => expect.unreachable() };
    await expect(update(flags(given))).rejects.toMatchObject({ code: "conflict", details: { retryAfter: expect.any(Number) } });
    before = {};
    await wake();
    expect(await stands()).toEqual(new Set([given.keyId, (await value())["username"]]));
  });

  it.each(["look", "stage", "verify", "retire"] as const)(
    "and paused before it calls %s for longer than it holds the item, it loses to what is given; nothing of ours is left",
    async (at) => {
      await create();
      const given = await byHand();
      const { wake } = await asleepBefore(at);
      await update(flags(given), await later());
      expect(await value()).toEqual(shownAs(given));
      expect(await wake()).toEqual(refused("conflict", /taken over by another process/u));
      expect(await left()).toEqual([]);
      expect(await stands()).toEqual(new Set([given.keyId]));
      await rotate();
      expect(await stands()).toEqual(new Set([given.keyId, (await value())["username"]]));
    },
  );

  it("what it made and nobody heard of goes as well", async () => {
    await create();
    await lab.control("POST", "/faults", { path: "*addPassword", reset: "after" });
    await lab.control("POST", "/faults", { path: "*removePassword", status: 503, times: 50 });
    await expect(rotate()).rejects.toEqual(refused("unavailable"));
    expect(await left()).toEqual(["staging"]);
    await lab.control("DELETE", "/faults");
    const given = await byHand();
    await update(flags(given));
    expect(await stands()).toEqual(new Set([given.keyId]));
    expect(await left()).toEqual([]);
  });

  it("what it made just before it died, and Azure shows only later, goes with the next rotation", async () => {
    await create();
    const known = [...(await stands())];
    const given = await byHand();
    const made = Promise.withResolvers<void>();
    let hidden = true;
    const dies = (real: Beside): Beside => ({
      ...real,
      look: async (subject) => {
        const { credentials } = await real.look(subject);
        return { credentials: credentials.filter(({ keyId }) => !hidden || [...known, given.keyId].includes(keyId)) };
      },
      stage: async (...args) => (await real.stage(...args), made.resolve(), Promise.withResolvers<never>().promise),
    });
    void (await rotationHouse(lab, house.store, clock, dies)).call("rotate-secret", { name: "key" });
    await made.promise;
    await update(flags(given), await rotationHouse(lab, house.store, { ...clock, now: () => clock.now() + 61_000 }, dies));
    expect((await stands()).size).toBe(2);
    hidden = false;
    await rotate();
    expect(await stands()).toEqual(new Set([given.keyId, (await value())["username"]]));
  });

  it("by a credential that is gone it cannot go on: the one that is given ends it", async () => {
    const first = await byHand();
    await create(flags(first));
    await azure.graph("POST", `/applications(appId='${appId}')/removePassword`, { keyId: first.keyId });
    // Its tokens are worth nothing by then.
    clock.leap(7_200_000);
    await expect(rotate()).rejects.toEqual(refused("unauthenticated"));
    expect(await left()).toEqual(["staging"]);
    const wrong = { keyId: crypto.randomUUID(), secretText: "wrong" };
    await expect(update(flags(wrong))).rejects.toEqual(refused("unauthenticated"));
    expect(await left()).toEqual(["staging"]);
    const second = await byHand();
    await update(flags(second));
    expect(await left()).toEqual([]);
    expect(await details()).toMatchObject({ rotator_status: "RotationSucceeded", rotator_creds_type: "use-user-creds" });
    await rotate();
    expect(await stands()).toEqual(new Set([second.keyId, (await value())["username"]]));
  });

  it("two that are given at once: one is current, or both in turn; of ours nothing is left", async () => {
    await create();
    const [one, other] = [await byHand(), await byHand()];
    const ended = await Promise.allSettled([update(flags(one)), update(flags(other))]);
    for (const each of ended) if (each.status === "rejected") expect(each.reason).toEqual(refused("conflict"));
    expect(ended.some((each) => each.status === "fulfilled")).toBe(true);
    expect([one.keyId, other.keyId]).toContain((await value())["username"]);
    expect(await stands()).toEqual(new Set([one.keyId, other.keyId]));
  });

  it("one that was given and could not bring the old one away is followed by another: what somebody else made is never removed", async () => {
    await create();
    const [one, other] = [await byHand(), await byHand()];
    await lab.control("POST", "/faults", {
      path: "*removePassword",
      status: 403,
      body: { error: { code: "Authorization_RequestDenied" } },
    });
    await expect(update(flags(one))).rejects.toEqual(
      refused("forbidden", /new value of \/key is current, but its old credential could not be removed yet/u),
    );
    expect(await value()).toEqual(shownAs(one));
    expect(await left()).toEqual(["retiring"]);
    await update(flags(other));
    expect(await value()).toEqual(shownAs(other));
    expect(await stands()).toEqual(new Set([one.keyId, other.keyId]));
    expect(await left()).toEqual([]);
  });

  it("given again after the old one could not be removed, it is removed", async () => {
    await create();
    const given = await byHand();
    await lab.control("POST", "/faults", { path: "*removePassword", status: 503, times: 50 });
    await expect(update(flags(given))).rejects.toEqual(refused("unavailable"));
    await lab.control("DELETE", "/faults");
    await update(flags(given));
    expect(await item()).toMatchObject({ last_version: 2 });
    expect(await stands()).toEqual(new Set([given.keyId]));
    expect(await left()).toEqual([]);
  });

  it("for the first time, its creation comes to its end first: there is nothing yet that could be given another", async () => {
    const { wake } = await asleepBefore("stage", create);
    const given = await byHand();
    await expect(update(flags(given), await later())).rejects.toEqual(refused("not_found"));
    await wake();
    expect(await stands()).toEqual(new Set([given.keyId]));
    expect(await left()).toEqual([]);
  });

  it("what is being deleted is deleted, and not given anything", async () => {
    await create();
    const given = await byHand();
    const { wake } = await asleepBefore("retire", () => house.call("rotated-secret delete", { name: "key" }));
    await expect(update(flags(given), await later())).rejects.toEqual(refused("not_found"));
    await wake();
    expect(await stands()).toEqual(new Set([given.keyId]));
  });
});
