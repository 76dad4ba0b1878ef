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
beforeEach(async () => {
  await lab.control("DELETE", "/faults");
  await lab.control("PUT", "/settings", { replication: 0, userLogin: "password" });
  house = await rotationHouse(lab, memoryStore(), clock);
});
const create = (input: Record<string, unknown>) =>
  house.call("rotated-secret create azure", { name: "key", "target-name": "t", "rotator-type": "password", ...input });
const rotate = () => house.call("rotate-secret", { name: "key" });
const details = async () =>
  ((await house.call("describe-item", { name: "key" }))["item_general_info"] as Record<string, Record<string, unknown>>)[
    "rotated_secret_details"
  ];
const left = async () => (await house.store.collection(rotations).list()).map(({ value }) => value.phase);
const requests = async () => {
  const { json } = await lab.control("GET", "/requests");
  return json.requests.map(
    ({ method, path }: { method: string; path: string }) => `${method} ${path.replace(/^.*\//u, "").split("?", 1)[0]}`,
  );
};
const forget = () => lab.control("DELETE", "/requests");

describe("a user's password", () => {
  const works = async () => {
    const { username = "", password = "" } = await house.value("key");
    return azure.userLogsIn(username, password);
  };

  it("is set on creation where none is given, logs in, and is shown with the user's name", async () => {
    const username = await azure.user("ada");
    expect(await create({ username })).toEqual({ name: "/key" });
    expect(await house.value("key")).toEqual({ username, password: expect.stringMatching(/^.{24}$/u) });
    expect(await works()).toBe(true);
    expect(await azure.userLogsIn(username, "Correct-Horse-1")).toBe(false);
    expect(await details()).toMatchObject({ rotator_type: "user-pass-rotator", rotator_creds_type: "use-target-creds" });
    expect(await left()).toEqual([]);
  });

  it("that is given is version 1 and tried; a wrong one is not taken, unless --skip-dry-run", async () => {
    const username = await azure.user("bob");
    await expect(create({ username, password: "wrong" })).rejects.toEqual(refused("unauthenticated", /password of the user bob@/u));
    await expect(house.value("key")).rejects.toEqual(refused("not_found"));
    await create({ username, password: "Correct-Horse-1" });
    expect(await house.value("key")).toEqual({ username, password: "Correct-Horse-1" });
    await rotate();
    expect(await works()).toBe(true);
    expect(await house.value("key", { version: 1 })).toEqual({ username, password: "Correct-Horse-1" });
    await house.call("rotated-secret delete", { name: "key" });
    await create({ username, password: "wrong", "skip-dry-run": true });
    expect(await house.value("key")).toMatchObject({ password: "wrong" });
  });

  it("is the user's for good: nobody must change it at the next login", async () => {
    const username = await azure.user("eve");
    await create({ username });
    expect(await azure.mustChange(username)).toBe(false);
  });

  it("follows the policy, also one that was changed later", async () => {
    const username = await azure.user("dan");
    await create({ username, "password-length": 40, "password-policy-contains-special-characters": false });
    expect((await house.value("key"))["password"]).toMatch(/^[A-Za-z0-9]{40}$/u);
    const info = (await house.call("describe-item", { name: "key" }))["item_general_info"];
    expect(info).toMatchObject({ password_policy: { password_length: 40, use_special_characters: false, use_numbers: true } });
    await house.call("rotated-secret update azure", {
      name: "key",
      "password-length": 8,
      "password-policy-contains-special-characters": true,
    });
    await rotate();
    expect((await house.value("key"))["password"]).toMatch(/^.{8}$/u);
  });

  it.each([0, 5, 60, 180])("that takes %i s to arrive is waited for", async (seconds) => {
    const username = await azure.user(`slow${seconds}`);
    await create({ username });
    await lab.control("PUT", "/settings", { replication: { passwords: seconds * 1000 } });
    const began = clock.now();
    await rotate();
    expect(clock.now() - began).toBeGreaterThanOrEqual(seconds * 1000);
    expect(await works()).toBe(true);
  });

  it.each(["mfa", "blocked"])("is unverified, and that is said, where a user's login is worth nothing: %s", async (userLogin) => {
    const username = await azure.user(`only-${userLogin}`);
    await lab.control("PUT", "/settings", { userLogin });
    await create({ username });
    expect(await details()).toMatchObject({ rotator_status: "unverified" });
    expect(house.warnings.join()).toMatch(/unverified: .* for another reason than the password/u);
    await lab.control("PUT", "/settings", { userLogin: "password" });
    expect(await works()).toBe(true);
    await rotate();
    expect(await details()).toMatchObject({ rotator_status: "RotationSucceeded" });
  });

  it("whose answer is lost once is set once more, and is current", async () => {
    await create({ username: await azure.user("lost") });
    await lab.control("POST", "/faults", { method: "PATCH", reset: "after" });
    await forget();
    await rotate();
    expect((await requests()).filter((each: string) => each.startsWith("PATCH"))).toHaveLength(2);
    expect(await works()).toBe(true);
    expect(await left()).toEqual([]);
  });

  /** Twice nobody hears the answer, and no login tells. */
  const twiceLost = async (username: string): Promise<void> => {
    await create({ username });
    await lab.control("POST", "/faults", { method: "PATCH", reset: "after", times: 2 });
    await lab.control("POST", "/faults", { path: "*oauth2/v2.0/token", status: 503, times: 100 });
    await expect(rotate()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("Until the rotation of /key has come to its end"),
      details: { hint: expect.stringContaining("usc rotate-secret --name /key") },
    });
    await lab.control("DELETE", "/faults");
    expect(await left()).toEqual(["replacing"]);
    expect(await details()).toMatchObject({ last_rotation_error: expect.stringContaining("its value may not work.") });
    expect(await works()).toBe(false);
  };
  const denied = { method: "PATCH", status: 403, body: { error: { code: "Authorization_RequestDenied", message: "no" } } };

  it("whose answers are lost stays in the journal, and the next call goes on with the same", async () => {
    await twiceLost(await azure.user("again"));
    await rotate();
    expect(await works()).toBe(true);
    expect((await house.call("describe-item", { name: "key" }))["last_version"]).toBe(2);
    expect(await left()).toEqual([]);
  });

  it("goes on after lost answers although the right to set it has gone, if it logs in", async () => {
    await twiceLost(await azure.user("gone-right"));
    await lab.control("POST", "/faults", denied);
    await rotate();
    expect(await works()).toBe(true);
    expect(await left()).toEqual([]);
  });

  it("stays in the journal where it may have been set, is refused now, and nobody can tell", async () => {
    await twiceLost(await azure.user("doubt"));
    await lab.control("PUT", "/settings", { userLogin: "mfa" });
    await lab.control("POST", "/faults", denied);
    await expect(rotate()).rejects.toEqual(refused("forbidden"));
    expect(await left()).toEqual(["replacing"]);
    await rotate();
    await lab.control("PUT", "/settings", { userLogin: "password" });
    expect(await works()).toBe(true);
  });

  it.each([
    ["a missing permission", 403, "Authorization_RequestDenied", "forbidden", /User-PasswordProfile\.ReadWrite\.All/u],
    ["a password that does not comply", 400, "Request_BadRequest", "conflict", /--password-length/u],
    ["throttling", 429, "TooManyRequests", "unavailable", /later/u],
  ])("stays what it was after %s, and nothing is unfinished", async (_, status, code, ours, hint) => {
    await create({ username: await azure.user("refused") });
    const before = await house.value("key");
    await lab.control("POST", "/faults", { method: "PATCH", status, body: { error: { code, message: "no" } }, times: 100 });
    await expect(rotate()).rejects.toMatchObject({ code: ours, details: { hint: expect.stringMatching(hint) } });
    expect(await house.value("key")).toEqual(before);
    expect(await works()).toBe(true);
    expect(await left()).toEqual([]);
    expect(await details()).toMatchObject({ rotator_status: "RotationFailed" });
  });

  it("of an administrator is refused, and the directory role above is named", async () => {
    const username = await azure.user("root");
    await lab.control("PUT", "/users", { user_principal_name: username, admin: true });
    await expect(create({ username })).rejects.toMatchObject({
      code: "forbidden",
      details: { hint: expect.stringContaining("directory role above") },
    });
    await expect(house.value("key")).rejects.toEqual(refused("not_found"));
    expect(await left()).toEqual([]);
  });

  it("of a user that is not there is not_found, given or not", async () => {
    const username = "nobody@local.onmicrosoft.com";
    await expect(create({ username })).rejects.toEqual(refused("not_found", /no user nobody@/u));
    await expect(create({ username, password: "p" })).rejects.toEqual(refused("not_found", /no user nobody@/u));
  });

  it.each(["$odd#1", "o'brien", "guest_example.com#EXT#"])("of %s, whose name is no plain one, is set as well", async (name) => {
    const username = await azure.user(name);
    await create({ username });
    expect(await works()).toBe(true);
  });

  it("stays at Azure when the item is deleted", async () => {
    const username = await azure.user("stays");
    await create({ username });
    const { password = "" } = await house.value("key");
    await house.call("rotated-secret delete", { name: "key" });
    expect(await azure.userLogsIn(username, password)).toBe(true);
  });
});

describe("a key of a storage account", () => {
  const place = { "explicitly-set-sa": true, "resource-group-name": "local" };
  const createKey = (account: string, key: string, more: Record<string, unknown> = {}) =>
    create({ "rotator-type": "azure-storage-account", "storage-account-key-name": key, ...place, "resource-name": account, ...more });
  const current = async () => (await house.value("key"))["password"];
  let account: string;
  let count = 0;
  beforeEach(async () => {
    account = await azure.account(`account${(count += 1)}`, true);
    await house.call("target update azure", { name: "t", "subscription-id": lab.ready.subscription_id });
  });

  it("is read on creation, and nothing is regenerated", async () => {
    const keys = await azure.keysOf(account);
    await createKey(account, "key1");
    expect(await house.value("key")).toEqual({ username: "key1", password: keys["key1"] });
    expect(await azure.keysOf(account)).toEqual(keys);
    expect(await details()).toMatchObject({ rotator_type: "azure-storage-account-rotator", rotator_creds_type: "use-target-creds" });
  });

  it("is the target's where none is named", async () => {
    await house.call("target update azure", { name: "t", "resource-group-name": "local", "resource-name": account });
    await create({ "rotator-type": "azure-storage-account", "storage-account-key-name": "key2" });
    expect(await current()).toBe((await azure.keysOf(account))["key2"]);
  });

  it.each(["key1", "key2", "kerb1", "kerb2"])(
    "%s is regenerated alone, and the others are untouched; so after a lost answer",
    async (key) => {
      await createKey(account, key);
      const before = await azure.keysOf(account);
      await rotate();
      const after = await azure.keysOf(account);
      expect(await current()).toBe(after[key]);
      expect(after[key]).not.toBe(before[key]);
      expect({ ...after, [key]: "" }).toEqual({ ...before, [key]: "" });
      await lab.control("POST", "/faults", { path: "*regenerateKey", reset: "after" });
      await forget();
      await rotate();
      expect(await requests()).toEqual(["POST listKeys", "POST regenerateKey", "POST listKeys"]);
      const last = await azure.keysOf(account);
      expect(await current()).toBe(last[key]);
      expect(last[key]).not.toBe(after[key]);
      expect({ ...last, [key]: "" }).toEqual({ ...before, [key]: "" });
      expect(await left()).toEqual([]);
    },
  );

  it("whose answer was lost before it took effect stays current; the next call looks, and makes a new one", async () => {
    await createKey(account, "key1");
    await lab.control("POST", "/faults", { path: "*regenerateKey", reset: "before", times: 10 });
    await expect(rotate()).rejects.toEqual(refused("unavailable"));
    await lab.control("DELETE", "/faults");
    const before = await current();
    expect((await azure.keysOf(account))["key1"]).toBe(before);
    await rotate();
    expect(await current()).not.toBe(before);
    expect((await azure.keysOf(account))["key1"]).toBe(await current());
    expect((await house.call("describe-item", { name: "key" }))["last_version"]).toBe(2);
    expect(await left()).toEqual([]);
  });

  it("that is renewed while nobody can see it stays in the journal, and is found by the next call", async () => {
    await createKey(account, "key1");
    await lab.control("POST", "/faults", { path: "*regenerateKey", reset: "after" });
    await lab.control("POST", "/faults", { path: "*listKeys", status: 503, skip: 1, times: 100 });
    await expect(rotate()).rejects.toEqual(refused("unavailable", /unknown whether key1 was regenerated/u));
    expect(await left()).toEqual(["replacing"]);
    await lab.control("DELETE", "/faults");
    const [live, before] = [(await azure.keysOf(account))["key1"], await current()];
    expect(live).not.toBe(before);
    await rotate();
    expect(await current()).toBe(live);
    expect(await left()).toEqual([]);
  });

  it("a dry run says whether it is still the one that is stored", async () => {
    await createKey(account, "key1");
    const dryRun = () => house.call("rotate-secret", { name: "key", "dry-run": true });
    await dryRun();
    await lab.control("POST", "/faults", { path: "*regenerateKey", reset: "after" });
    await lab.control("POST", "/faults", { path: "*listKeys", status: 503, skip: 1, times: 100 });
    await expect(rotate()).rejects.toEqual(refused("unavailable"));
    await lab.control("DELETE", "/faults");
    await expect(dryRun()).rejects.toEqual(refused("conflict", /another now/u));
  });

  it("kerb1 is one clear sentence where the account has none", async () => {
    await azure.account(account, false);
    await expect(createKey(account, "kerb1")).rejects.toEqual(refused("not_found", /has no key kerb1\./u));
    await expect(house.value("key")).rejects.toEqual(refused("not_found"));
  });

  it.each([
    [
      "a role that is missing",
      { status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } },
      "forbidden",
      /Storage Account Key Operator Service Role/u,
    ],
    [
      "an account that has gone",
      { status: 404, body: { error: { code: "ResourceNotFound", message: "no" } } },
      "not_found",
      /--resource-name/u,
    ],
  ])("stays current after %s, and nothing is unfinished", async (_, fault, code, hint) => {
    await createKey(account, "key1");
    const before = await current();
    await lab.control("POST", "/faults", { path: "*regenerateKey", ...fault });
    await expect(rotate()).rejects.toMatchObject({ code, details: { hint: expect.stringMatching(hint) } });
    expect(await current()).toBe(before);
    expect(await left()).toEqual([]);
    expect(await details()).toMatchObject({ rotator_status: "RotationFailed" });
  });

  it("of an account that is not there is not_found", async () => {
    await expect(createKey("nosuchaccount", "key1")).rejects.toEqual(refused("not_found", /ResourceNotFound/u));
  });

  it("stays at Azure when the item is deleted", async () => {
    await createKey(account, "key1");
    await rotate();
    const keys = await azure.keysOf(account);
    await house.call("rotated-secret delete", { name: "key" });
    expect(await azure.keysOf(account)).toEqual(keys);
  });
});

describe("a clock that Azure's contradicts", () => {
  it.each([-1, 1])("replaces nothing, and says so: by %i hour", async (hours) => {
    const username = await azure.user("clock");
    const ours = { ...clock, now: () => clock.now() + ahead };
    let ahead = 0;
    house = await rotationHouse(lab, memoryStore(), ours);
    await create({ username });
    const before = await house.value("key");
    ahead = hours * 3_600_000;
    await forget();
    await expect(rotate()).rejects.toEqual(refused("unavailable", /nothing is rotated by a wrong clock/u));
    await expect(house.call("rotate-secret", { name: "key", "dry-run": true })).rejects.toEqual(refused("unavailable", /wrong clock/u));
    expect((await requests()).filter((each: string) => each.startsWith("PATCH"))).toEqual([]);
    expect(await house.value("key")).toEqual(before);
    expect(await left()).toEqual([]);
  });

  it("regenerates nothing", async () => {
    const ours = { ...clock, now: () => clock.now() + ahead };
    let ahead = 0;
    house = await rotationHouse(lab, memoryStore(), ours);
    await house.call("target update azure", { name: "t", "subscription-id": lab.ready.subscription_id });
    const there = { "explicitly-set-sa": true, "resource-group-name": "local", "resource-name": await azure.account("clock") };
    await create({ "rotator-type": "azure-storage-account", "storage-account-key-name": "key1", ...there });
    const keys = await azure.keysOf("clock");
    ahead = 3_600_000;
    await expect(rotate()).rejects.toEqual(refused("unavailable", /nothing is rotated by a wrong clock/u));
    expect(await azure.keysOf("clock")).toEqual(keys);
    expect(await left()).toEqual([]);
  });
});

describe("two rotations of one item", () => {
  const things = {
    password: async () => ({ username: await azure.user("twice") }),
    "azure-storage-account": async () => {
      await house.call("target update azure", { name: "t", "subscription-id": lab.ready.subscription_id });
      const there = { "explicitly-set-sa": true, "resource-group-name": "local", "resource-name": await azure.account("twice") };
      return { "storage-account-key-name": "key1", ...there };
    },
  };
  const works = async () => {
    const { username = "", password = "" } = await house.value("key");
    return username === "key1" ? (await azure.keysOf("twice"))["key1"] === password : azure.userLogsIn(username, password);
  };

  describe.each(Object.entries(things))("%s", (type, thing) => {
    it("20 at once: some are conflicts, none does harm", async () => {
      await create({ "rotator-type": type, ...(await thing()) });
      const ended = await Promise.allSettled(Array.from({ length: 20 }, rotate));
      const failures = ended.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
      for (const failure of failures) expect(failure).toEqual(refused("conflict", /by another process|changed meanwhile/u));
      expect(await works()).toBe(true);
      expect(await left()).toEqual([]);
    });

    it.each([1, 2])(
      "one that sleeps before it changes the credential, while another rotates %i times, leaves a value that works",
      async (times) => {
        const paused = Promise.withResolvers<void>();
        const asleep = Promise.withResolvers<void>();
        const sleeper = async () => {
          asleep.resolve();
          await paused.promise;
        };
        await create({ "rotator-type": type, ...(await thing()) });
        const sleepy = await rotationHouse(lab, house.store, clock, undefined, (real) => ({
          ...real,
          password: async () => {
            const { stage, ...rotator } = await real.password();
            return { ...rotator, stage: async (...given) => (await sleeper(), stage(...given)) };
          },
          "azure-storage-account": async () => {
            const { stage, ...rotator } = await real["azure-storage-account"]();
            return { ...rotator, stage: async (...given) => (await sleeper(), stage(...given)) };
          },
        }));
        const ended = sleepy.call("rotate-secret", { name: "key" }).catch((error: unknown) => error);
        await asleep.promise;
        // By its own clock it sleeps no time at all.
        const ahead = { ...clock, now: () => clock.now() + 61_000 };
        const other = await rotationHouse(lab, house.store, ahead);
        for (let count = 0; count < times; count += 1) await other.call("rotate-secret", { name: "key" });
        paused.resolve();
        expect(await ended).toEqual(refused("conflict", /taken over by another process/u));
        expect(await works()).toBe(true);
        expect(await left()).toEqual([]);
      },
    );
  });
});

describe("input that is not valid", () => {
  const upn = { username: "ada@local.onmicrosoft.com" };
  const sa = { "rotator-type": "azure-storage-account", "storage-account-key-name": "key1" };
  const there = { "explicitly-set-sa": true, "resource-group-name": "local", "resource-name": "demostorage" };
  it.each([
    ["a password of nobody", {}],
    ["a user's name that is none", { username: "ada" }],
    ["a user's name that leads elsewhere", { username: "../groups/x@y" }],
    ["a password with a line break", { ...upn, password: "p\n" }],
    ["a password of 7 characters", { ...upn, "password-length": 7 }],
    ["two sorts of characters", { ...upn, "password-policy-contains-numbers": false, "use-special-characters": false }],
    ["a user who would rotate himself", { ...upn, "authentication-credentials": "use-user-creds" }],
    ["an application's flag", { ...upn, "app-id": crypto.randomUUID() }],
    ["days of grace for a password", { ...upn, "grace-rotation": true, "grace-rotation-interval": 3 }],
    ["a policy for a client secret", { "rotator-type": "api-key", "password-length": 20 }],
    ["a storage key without its name", { ...sa, ...there, "storage-account-key-name": undefined }],
    ["a storage key that no account has", { ...sa, ...there, "storage-account-key-name": "key3" }],
    ["a storage account by half", { ...sa, ...there, "resource-name": undefined }],
    ["a storage account that is named and not set", { ...sa, ...there, "explicitly-set-sa": false }],
    ["a storage account that leads elsewhere", { ...sa, ...there, "resource-group-name": ".." }],
    ["a storage account of no form", { ...sa, ...there, "resource-name": "a/b" }],
    ["a target without a storage account", sa],
    ["a target without a subscription", { ...sa, ...there }],
    ["a key that rotates itself", { ...sa, ...there, "authentication-credentials": "use-user-creds" }],
  ])("%s", async (_, input) => {
    await forget();
    await expect(create(input)).rejects.toEqual(refused("usage"));
    expect(await requests()).toEqual([]);
    await expect(house.value("key")).rejects.toEqual(refused("not_found"));
  });

  it("a policy is no change of a client secret", async () => {
    await create({ username: await azure.user("policy") });
    await expect(house.call("rotated-secret update azure", { name: "key", "password-length": 300 })).rejects.toEqual(refused("usage"));
  });
});
