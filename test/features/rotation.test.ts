import { beforeEach, describe, expect, it } from "vitest";
import type { Beside } from "../../src/features/rotation/port.ts";
import { rotations } from "../../src/features/rotation/model.ts";
import { openLab } from "../emulator/support.ts";
import { leapingClock } from "../support/azure-house.ts";
import { refused } from "../support/house.ts";
import { memoryStore } from "../support/memory-store.ts";
import { directoryOf, rotationHouse } from "../support/rotation-house.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = directoryOf(lab);
const { client_id: own } = lab.ready;

/** What is seen of the rotator's calls. */
let seen: string[] = [];
type Method = Exclude<keyof Beside, "is">;
let before: Partial<Record<Method, () => Promise<void> | void>> = {};
const watched = (real: Beside): Beside => {
  const told = async <T>(name: Method, act: () => Promise<T>): Promise<T> => {
    seen.push(name);
    await before[name]?.();
    return act();
  };
  return {
    is: "beside",
    look: (...given) => told("look", () => real.look(...given)),
    stage: (...given) => told("stage", () => real.stage(...given)),
    verify: (...given) => told("verify", () => real.verify(...given)),
    retire: (...given) => told("retire", () => real.retire(...given)),
  };
};

let house: Awaited<ReturnType<typeof rotationHouse>>;
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  await lab.control("PUT", "/settings", { replication: 0 });
  [seen, before] = [[], {}];
  house = await rotationHouse(lab, memoryStore(), clock, watched);
});
const create = (input: Record<string, unknown>) =>
  house.call("rotated-secret create azure", { name: "key", "target-name": "t", "rotator-type": "api-key", ...input });
const rotate = (name = "key") => house.call("rotate-secret", { name });
const item = async (name = "key") => house.call("describe-item", { name });
const left = async () => (await house.store.collection(rotations).list()).length;
const marks = async (appId: string) => (await azure.secretsOf(appId)).map(({ key_id }) => key_id);

describe("an api-key without --api-id", () => {
  it("is made beside what stands there, logs in, and shows the key id as user name", async () => {
    const { appId } = await azure.application("one");
    const foreign = await azure.addPassword(appId, "somebody's");
    expect(await create({ "app-id": appId })).toEqual({ name: "/key" });
    const { username, password = "", application_id } = await house.value("key");
    expect(application_id).toBe(appId);
    expect(await marks(appId)).toEqual([foreign.keyId, username]);
    expect(await azure.logsIn(appId, password)).toBe(true);
    expect(await left()).toBe(0);
  });

  it("is rotated: the new one logs in before the old one goes, which goes; foreign ones stay", async () => {
    const { appId } = await azure.application("two");
    const foreign = [await azure.addPassword(appId, "a"), await azure.addPassword(appId, "b"), await azure.addPassword(appId, "c")];
    await create({ "app-id": appId });
    const first = await house.value("key");
    before = { retire: async () => expect(await azure.logsIn(appId, first["password"] ?? "")).toBe(true) };
    seen = [];
    await rotate();
    const second = await house.value("key");
    expect(seen).toEqual(["look", "stage", "verify", "verify", "verify", "retire"]);
    expect(second["username"]).not.toBe(first["username"]);
    expect(await marks(appId)).toEqual([...foreign.map(({ keyId }) => keyId), second["username"]]);
    expect(await azure.logsIn(appId, first["password"] ?? "")).toBe(false);
    expect(await azure.logsIn(appId, second["password"] ?? "")).toBe(true);
    expect(await house.value("key", { version: 1 })).toEqual(first);
    await expect(house.value("key", { version: 7 })).rejects.toEqual(refused("not_found", /version 7/u));
  });

  it("survives 50 rotations, and so do three foreign ones", { timeout: 60_000 }, async () => {
    const { appId } = await azure.application("fifty");
    const foreign = [await azure.addPassword(appId, "a"), await azure.addPassword(appId, "b"), await azure.addPassword(appId, "c")];
    await create({ "app-id": appId, "max-versions": 3 });
    for (let count = 0; count < 50; count += 1) await rotate();
    const { username, password = "" } = await house.value("key");
    expect(await marks(appId)).toEqual([...foreign.map(({ keyId }) => keyId), username]);
    expect(await azure.logsIn(appId, password)).toBe(true);
    expect((await item())["last_version"]).toBe(51);
    await house.value("key", { version: 49 });
    await expect(house.value("key", { version: 48 })).rejects.toEqual(refused("not_found"));
  });

  it("takes its credential with it when it is deleted, and leaves others", async () => {
    const { appId } = await azure.application("three");
    const foreign = await azure.addPassword(appId, "somebody's");
    await create({ "app-id": appId });
    expect(await house.call("rotated-secret delete", { name: "key" })).toMatchObject({ item_name: "/key", version_deleted: -1 });
    expect(await marks(appId)).toEqual([foreign.keyId]);
    await expect(house.value("key")).rejects.toEqual(refused("not_found"));
    expect(await left()).toBe(0);
  });
});

describe("an api-key that was given", () => {
  it("rotates itself with use-user-creds, and what usc did not make stays, and is named", async () => {
    const { appId } = await azure.application("user");
    const given = await azure.addPassword(appId, "given");
    await create({ "app-id": appId, "api-id": given.keyId, "api-key": given.secretText });
    expect(await house.value("key")).toMatchObject({ username: given.keyId, password: given.secretText });
    await rotate();
    expect(house.warnings.join()).toContain(given.keyId);
    const first = await house.value("key");
    expect(await marks(appId)).toEqual([given.keyId, first["username"]]);
    // From now on only its own secret opens it.
    await azure.graph("POST", `/applications(appId='${appId}')/removePassword`, { keyId: given.keyId });
    await rotate();
    const { username, password = "" } = await house.value("key");
    expect(await marks(appId)).toEqual([username]);
    expect(await azure.logsIn(appId, password)).toBe(true);
    await house.call("rotated-secret delete", { name: "key" });
    expect(await marks(appId)).toEqual([]);
  });

  it("that does not log in is not stored, unless --skip-dry-run", async () => {
    const { appId } = await azure.application("dry");
    const given = { "app-id": appId, "api-id": appId, "api-key": "wrong" };
    await expect(create(given)).rejects.toEqual(refused("unauthenticated"));
    await expect(house.value("key")).rejects.toEqual(refused("not_found"));
    await create({ ...given, "skip-dry-run": true });
    expect(await house.value("key")).toMatchObject({ password: "wrong" });
  });
});

describe("the target's own secret", () => {
  const stored = async (appId: string, secret: string): Promise<void> => {
    const { ready } = lab;
    await house.call("target create azure", {
      name: "self",
      "azure-cloud": "lab",
      "tenant-id": ready.tenant_id,
      "client-id": appId,
      "client-secret": secret,
    });
  };
  const ofTarget = async () =>
    ((await house.call("target get-details", { name: "self" }))["value"] as Record<string, Record<string, string>>)[
      "azure_target_details"
    ]?.["azure_client_secret"] ?? "";
  const rotated = () => create({ "rotator-type": "target", "target-name": "self", name: "own" });

  it("is replaced in the target as it becomes current, and the one that was not ours goes, as its hint says which it is", async () => {
    const { appId } = await azure.application("self");
    const old = await azure.addPassword(appId, "by hand");
    const other = await azure.addPassword(appId, "other");
    await stored(appId, old.secretText);
    await rotated();
    await rotate("own");
    const { target_value } = (await house.value("own")) as unknown as { target_value: Record<string, string> };
    expect(target_value["azure_client_secret"]).toBe(await ofTarget());
    expect(await azure.logsIn(appId, await ofTarget())).toBe(true);
    expect(await azure.logsIn(appId, old.secretText)).toBe(false);
    expect(await azure.logsIn(appId, other.secretText)).toBe(true);
    await rotate("own");
    expect(await azure.secretsOf(appId)).toHaveLength(2);
    await house.call("rotated-secret delete", { name: "own" });
    expect(await azure.logsIn(appId, await ofTarget())).toBe(true);
  });

  it("is kept and named if two credentials fit its hint", async () => {
    const { appId } = await azure.application("twins");
    await stored(appId, (await azure.addPassword(appId, "by hand")).secretText);
    await rotated();
    const list = await azure.secretsOf(appId);
    const twin = { ...list[0], key_id: crypto.randomUUID() };
    house = await rotationHouse(lab, house.store, clock, (real) => ({
      ...real,
      look: async (subject) => {
        const { credentials } = await real.look(subject);
        return { credentials: [...credentials, { keyId: twin.key_id, hint: twin.hint }] };
      },
    }));
    await rotate("own");
    expect(house.warnings.join()).toContain(twin.key_id);
    expect(await azure.secretsOf(appId)).toHaveLength(2);
  });

  it("is refused for a target that has none", async () => {
    await house.call("target create azure", { name: "mi", "azure-cloud": "lab", "connection-type": "managed-identity" });
    await expect(create({ "rotator-type": "target", "target-name": "mi" })).rejects.toEqual(refused("usage", /no client secret/u));
  });
});

describe("a new secret that has not replicated", () => {
  it.each([0, 5, 60, 180])("for %i s is waited for, and the old one logs in all the while", async (seconds) => {
    const { appId } = await azure.application(`slow ${seconds}`);
    await create({ "app-id": appId });
    const { password: old = "" } = await house.value("key");
    await lab.control("PUT", "/settings", { replication: { secrets: seconds * 1000 } });
    before = { verify: async () => expect(await azure.logsIn(appId, old)).toBe(true) };
    const began = clock.now();
    await rotate();
    expect(clock.now() - began).toBeGreaterThanOrEqual(seconds * 1000);
    const { username, password = "" } = await house.value("key");
    expect(await azure.logsIn(appId, password)).toBe(true);
    expect(await marks(appId)).toEqual([username]);
    // No burst: a wait grows to a quarter of a minute.
    expect(seen.filter((name) => name === "verify").length).toBeLessThan(25);
  });

  it("ever is removed again, the old value stays, and the item says why", async () => {
    const { appId } = await azure.application("never");
    await create({ "app-id": appId });
    const old = await house.value("key");
    await lab.control("PUT", "/settings", { replication: { secrets: 600_000 } });
    await expect(rotate()).rejects.toEqual(refused("unauthenticated"));
    expect(await house.value("key")).toEqual(old);
    expect(await marks(appId)).toEqual([old["username"]]);
    const { rotated_secret_details: details } = (await item())["item_general_info"] as { rotated_secret_details: Record<string, string> };
    expect(details).toMatchObject({
      rotator_status: "RotationFailed",
      last_rotation_error: expect.stringContaining("client secret is wrong"),
    });
    expect(await left()).toBe(0);
  });
});

describe("what Azure refuses", () => {
  it("an object id given as app id is recognised and said", async () => {
    const { appId, id } = await azure.application("object");
    await expect(create({ "app-id": id })).rejects.toEqual(refused("usage", new RegExp(`application id is ${appId}`, "u")));
    await expect(item()).rejects.toEqual(refused("not_found"));
    expect(await left()).toBe(0);
  });

  it("an application that is not there is not_found, and no item stays behind", async () => {
    await expect(create({ "app-id": crypto.randomUUID() })).rejects.toEqual(refused("not_found", /no application/u));
    await expect(item()).rejects.toEqual(refused("not_found"));
  });

  it("a missing permission or owner is named", async () => {
    const { appId } = await azure.application("foreign");
    await lab.control("PUT", "/graph-roles", { roles: ["Application.ReadWrite.OwnedBy"] });
    const denied = create({ "app-id": appId });
    await expect(denied).rejects.toMatchObject({
      code: "forbidden",
      details: { hint: expect.stringContaining("owner of the application") },
    });
    await lab.control("PUT", "/graph-roles", { roles: ["Application.ReadWrite.All"] });
    expect(await azure.secretsOf(appId)).toEqual([]);
  });

  it("no room for one more is a conflict that says so", async () => {
    const { json } = await azure.graph("POST", "/applications", {
      displayName: "full",
      signInAudience: "AzureADandPersonalMicrosoftAccount",
    });
    await azure.addPassword(json.appId, "a");
    await azure.addPassword(json.appId, "b");
    await expect(create({ "app-id": json.appId })).rejects.toEqual(refused("conflict", /no room/u));
    expect(await azure.secretsOf(json.appId)).toHaveLength(2);
  });

  it("the one that a lost answer has made goes, though it took the last room", async () => {
    const { json } = await azure.graph("POST", "/applications", {
      displayName: "two",
      signInAudience: "AzureADandPersonalMicrosoftAccount",
    });
    await azure.graph("POST", "/servicePrincipals", { appId: json.appId });
    await create({ "app-id": json.appId });
    await lab.control("POST", "/faults", { path: "*addPassword", reset: "after" });
    await expect(rotate()).rejects.toEqual(refused("unavailable"));
    expect(await azure.secretsOf(json.appId)).toHaveLength(1);
    await rotate();
    expect(await marks(json.appId)).toEqual([(await house.value("key"))["username"]]);
  });

  it("what a lost answer has made is found by its mark and removed", async () => {
    const { appId } = await azure.application("lost");
    await create({ "app-id": appId });
    const old = await house.value("key");
    await lab.control("POST", "/faults", { path: "*addPassword", reset: "after" });
    await expect(rotate()).rejects.toEqual(refused("unavailable", /unknown whether the secret was made/u));
    expect(await marks(appId)).toEqual([old["username"]]);
    expect(await house.value("key")).toEqual(old);
    await rotate();
    expect(await azure.secretsOf(appId)).toHaveLength(1);
  });

  it("what shows itself only after it was looked for goes with the next rotation", async () => {
    const { appId } = await azure.application("late");
    await create({ "app-id": appId });
    let hidden = true;
    house = await rotationHouse(lab, house.store, clock, (real) => ({
      ...real,
      look: async (subject) => {
        const { credentials } = await real.look(subject);
        return { credentials: credentials.filter(({ keyId }) => !hidden || keyId === known) };
      },
    }));
    const { username: known = "" } = await house.value("key");
    await lab.control("POST", "/faults", { path: "*addPassword", reset: "after" });
    await expect(rotate()).rejects.toEqual(refused("unavailable"));
    expect(await azure.secretsOf(appId)).toHaveLength(2);
    hidden = false;
    await rotate();
    expect(await marks(appId)).toEqual([(await house.value("key"))["username"]]);
  });

  it("the old one that cannot be removed yet is told, and goes with the next call", async () => {
    const { appId } = await azure.application("stays");
    await create({ "app-id": appId });
    await lab.control("POST", "/faults", {
      path: "*removePassword",
      status: 403,
      body: { error: { code: "Authorization_RequestDenied" } },
    });
    await expect(rotate()).rejects.toEqual(refused("forbidden", /new value .* is current, but its old credential/u));
    const { username, password = "" } = await house.value("key");
    expect(await azure.logsIn(appId, password)).toBe(true);
    expect(await azure.secretsOf(appId)).toHaveLength(2);
    await rotate();
    expect(await marks(appId)).toEqual([username]);
    expect(await left()).toBe(0);
  });
});

describe("two rotations of one item", () => {
  it("20 at once: some are conflicts, none does harm", async () => {
    const { appId } = await azure.application("twenty");
    await create({ "app-id": appId });
    const ended = await Promise.allSettled(Array.from({ length: 20 }, () => rotate()));
    const failures = ended.flatMap((each) => (each.status === "rejected" ? [each.reason as { code: string }] : []));
    for (const failure of failures) expect(failure).toEqual(refused("conflict", /by another process|changed meanwhile/u));
    expect(failures.length).toBeGreaterThan(0);
    const { username, password = "" } = await house.value("key");
    expect(await marks(appId)).toEqual([username]);
    expect(await azure.logsIn(appId, password)).toBe(true);
    expect(await left()).toBe(0);
  });

  /** Begins a rotation that sleeps before it makes this call; `wake` lets it go on, and resolves when it has ended. */
  const asleepBefore = async (at: Method) => {
    const paused = Promise.withResolvers<void>();
    const asleep = Promise.withResolvers<void>();
    before = {
      [at]: () => {
        before = {};
        asleep.resolve();
        return paused.promise;
      },
    };
    const ended = rotate().catch((error: unknown) => error);
    await asleep.promise;
    const wake = (): Promise<unknown> => {
      paused.resolve();
      return ended;
    };
    return { wake };
  };

  it.each([
    ["look", []],
    // It takes back what nobody else knows of.
    ["stage", ["retire"]],
    ["verify", []],
    ["retire", []],
  ] as const)("one that is paused before it calls %s asks Azure nothing more when it wakes, but %j", async (at, more) => {
    const { appId } = await azure.application(`paused ${at}`);
    await create({ "app-id": appId });
    const { wake } = await asleepBefore(at);
    // By its own clock it has slept no time at all.
    const ahead = { ...clock, now: () => clock.now() + 61_000 };
    await (await rotationHouse(lab, house.store, ahead)).call("rotate-secret", { name: "key" });
    seen = [];
    expect(await wake()).toEqual(refused("conflict", /taken over by another process/u));
    expect(seen).toEqual(more);
    const { username, password = "" } = await house.value("key");
    expect(await marks(appId)).toEqual([username]);
    expect(await azure.logsIn(appId, password)).toBe(true);
    expect(await left()).toBe(0);
  });

  it("keeps its name while it is rotated: it is not moved away from the journal", async () => {
    await create({ "app-id": (await azure.application("kept")).appId });
    const { wake } = await asleepBefore("verify");
    const moving = [
      house.call("move-objects", { source: "key", target: "other" }),
      house.call("update-item", { name: "key", "new-name": "other" }),
      house.call("rotated-secret update azure", { name: "key", "new-name": "other" }),
    ];
    for (const moved of moving) await expect(moved).rejects.toEqual(refused("conflict", /rotation/u));
    await house.call("update-item", { name: "key", "add-tag": ["meanwhile"] });
    expect(await wake()).toEqual({ name: "/key" });
    expect(await item()).toMatchObject({ last_version: 2, item_tags: ["meanwhile"] });
  });
});

describe("input that is not valid", () => {
  const graced = { "grace-rotation": true, "grace-rotation-interval": 3 };
  it.each([
    ["rotation-interval of 0", { "rotation-interval": 0 }, "usage"],
    ["rotation-interval of 366", { "rotation-interval": 366 }, "usage"],
    ["rotation-hour of 24", { "rotation-hour": 24 }, "usage"],
    ["an unknown rotator", { "rotator-type": "ldap" }, "usage"],
    ["auto-rotate without an interval", { "auto-rotate": true }, "usage"],
    ["use-user-creds without an api key", { "authentication-credentials": "use-user-creds" }, "usage"],
    ["an api id without its key", { "api-id": crypto.randomUUID() }, "usage"],
    ["an app id of another form", { "app-id": "mine" }, "usage"],
    ["a day that is none", { "rotation-event-in": ["soon"] }, "usage"],
    ["an app id for --rotator-type target", { "rotator-type": "target", "app-id": own }, "usage"],
    ["a target that is not there", { "target-name": "none" }, "not_found"],
    ["grace longer than the interval", { "rotation-interval": 5, "grace-rotation": true, "grace-rotation-interval": 6 }, "usage"],
    ["grace as long as the interval", { "rotation-interval": 5, "grace-rotation": true, "grace-rotation-interval": 5 }, "usage"],
    ["grace without any interval", { "grace-rotation": true }, "usage"],
    ["grace before a date that never comes", { ...graced, "grace-rotation-timing": "before" }, "usage"],
    ["grace of 365 days", { "grace-rotation": true, "grace-rotation-interval": 365 }, "usage"],
    ["grace at hour 24", { ...graced, "grace-rotation-hour": 24 }, "usage"],
    ["another timing of grace", { ...graced, "grace-rotation-timing": "while" }, "usage"],
    ["the days of grace without --grace-rotation", { "grace-rotation-interval": 2 }, "usage"],
    ["the timing of grace without --grace-rotation", { "grace-rotation-timing": "after" }, "usage"],
    ["--key", { key: "k" }, "unsupported"],
  ])("%s", async (_, input, code) => {
    await lab.control("DELETE", "/requests");
    await expect(create(input)).rejects.toEqual(refused(code));
    expect((await lab.control("GET", "/requests")).json.requests).toEqual([]);
    await expect(item()).rejects.toEqual(refused("not_found"));
  });
});

describe("a rotated secret is an item among others", () => {
  beforeEach(async () => {
    await create({ name: "/prod/key", "app-id": (await azure.application("item")).appId, tag: ["a"] });
    await house.call("create-usc", { name: "/prod/kv", "target-to-associate": "t", "azure-kv-name": "demo" });
  });
  const names = async (input: Record<string, unknown> = {}) =>
    ((await house.call("list-items", input))["items"] as { item_name: string }[]).map(({ item_name }) => item_name);

  it("is listed, by its type too", async () => {
    expect(await names()).toEqual(["/prod/key", "/prod/kv"]);
    expect(await names({ type: ["rotated-secret"] })).toEqual(["/prod/key"]);
    expect(await names({ type: ["usc"] })).toEqual(["/prod/kv"]);
    expect(await names({ tag: "a" })).toEqual(["/prod/key"]);
  });

  it("shares its name with no other, in whatever order they are made, moved or renamed", async () => {
    const usc = { "target-to-associate": "t", "azure-kv-name": "demo" };
    await expect(house.call("create-usc", { ...usc, name: "/prod/key" })).rejects.toEqual(refused("conflict"));
    await expect(house.call("create-usc", { ...usc, name: "/Prod/Key" })).rejects.toEqual(refused("conflict", /twin/u));
    await expect(create({ name: "/prod/kv" })).rejects.toEqual(refused("conflict"));
    await expect(house.call("update-item", { name: "/prod/kv", "new-name": "/prod/key" })).rejects.toEqual(refused("conflict"));
    await expect(house.call("update-item", { name: "/prod/key", "new-name": "/prod/kv" })).rejects.toEqual(refused("conflict"));
    await expect(house.call("move-objects", { source: "/prod/key", target: "/prod/kv" })).rejects.toEqual(refused("conflict"));
    await expect(house.call("rotated-secret update azure", { name: "/prod/key", "new-name": "/prod/kv" })).rejects.toEqual(
      refused("conflict"),
    );
    expect(await names()).toEqual(["/prod/key", "/prod/kv"]);
  });

  it("moves with its folder, and keeps its value", async () => {
    const value = await house.value("/prod/key");
    expect((await house.call("move-objects", { source: "/prod", target: "/live" }))["moved"]).toHaveLength(2);
    expect(await house.value("/live/key")).toEqual(value);
    await rotate("/live/key");
    expect((await item("/live/key"))["last_version"]).toBe(2);
  });

  it("takes tags, a description and protection", async () => {
    const change = { "add-tag": ["b"], "rm-tag": ["a"], description: "d", "delete-protection": true };
    await house.call("update-item", { name: "/prod/key", ...change });
    expect(await house.call("get-tags", { name: "/prod/key" })).toEqual({ tags: ["b"] });
    expect(await item("/prod/key")).toMatchObject({ item_metadata: "d", delete_protection: true, item_type: "ROTATED_SECRET" });
    await expect(house.call("rotated-secret delete", { name: "/prod/key" })).rejects.toEqual(refused("conflict", /protected/u));
    await expect(house.call("update-item", { name: "/prod/key", "enable-purge": true })).rejects.toEqual(refused("usage"));
  });

  it("is not deleted by delete-item, nor its target while it is there", async () => {
    await expect(house.call("delete-item", { name: "/prod/key" })).rejects.toMatchObject({
      code: "conflict",
      details: { hint: "usc rotated-secret delete --name /prod/key" },
    });
    await house.call("delete-item", { name: "/prod/kv" });
    await expect(house.call("target delete", { name: "t" })).rejects.toEqual(refused("conflict", /rotated secret \/prod\/key/u));
  });
});
