import { afterAll, describe, expect, it, vi } from "vitest";
import { admission } from "../../src/features/access/admission.ts";
import { operations as accessRoom } from "../../src/features/access/index.ts";
import { tokens } from "../../src/features/access/model.ts";
import { hashOf } from "../../src/features/access/secrets.ts";
import { throttle } from "../../src/features/access/throttle.ts";
import { connectors } from "../../src/features/connectors/model.ts";
import { targets } from "../../src/features/targets/model.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { errorDocument } from "../../src/kernel/errors.ts";
import { invoke, operationNamed } from "../../src/kernel/operation.ts";
import type { Kind, Rule } from "../../src/kernel/rights.ts";
import { openLab } from "../emulator/support.ts";
import { type Ended, gatewayHouse, type GatewayHouse, type Input, type Line } from "../support/gateway-house.ts";
import { stillClock } from "../support/still-clock.ts";
import { memoryWitness } from "../support/memory-audit.ts";
import { memoryStore } from "../support/memory-store.ts";

const lab = await openLab({ name: "lab", vaults: ["demo", "other"] });
const opened: GatewayHouse[] = [];
const furnished = async (before: readonly Line[] = []): Promise<GatewayHouse> => {
  const house = await gatewayHouse(lab);
  opened.push(house);
  await house.place(before);
  return house;
};
afterAll(() => opened.forEach((house) => house.clean()));

const rule = (kind: Kind, path: string, ...capabilities: Rule["capabilities"]): Rule => ({ kind, path, capabilities });
const answerOf = (ended: Ended): Record<string, unknown> => {
  if (ended.code !== "ok") throw new Error(ended.error);
  return ended.answer;
};
const connector = (name: string, vault = "demo"): Line => [
  "create-usc",
  { name, "target-to-associate": "/prod/t", "azure-kv-name": vault },
];

describe("what a caller may not list", () => {
  const many = Array.from({ length: 1500 }, (_, at) => `/hidden/${String(at).padStart(4, "0")}/kv`);

  it("is in no list, no folder, no count of a page and no token for the next one", async () => {
    const { call, store } = await furnished();
    for (const kind of [connectors, targets]) {
      const { key, value } = (await store.collection<{ name: string }>(kind as never).list())[0] ?? { key: "", value: { name: "" } };
      const folder = key.slice(0, key.lastIndexOf("/"));
      expect(["/prod", "/live"]).toContain(folder);
      await store.commit(many.map((name) => store.collection<{ name: string }>(kind as never).put(name, { ...value, name }, 0)));
    }
    const mine = [rule("item", "/prod/*", "list"), rule("target", "/prod/*", "list")];
    const listed = answerOf(await call(mine, ["list-items", {}]));
    expect(listed).toEqual({ folders: ["/prod"], items: [expect.objectContaining({ item_name: "/prod/kv" })], next_page: "" });
    expect(answerOf(await call(mine, ["target list", {}]))).toEqual({
      targets: [expect.objectContaining({ target_name: "/prod/t" })],
      next_page: "",
    });
    const nothing = { folders: [], items: [], next_page: "" };
    expect(answerOf(await call([], ["list-items", {}]))).toEqual(nothing);
    expect(answerOf(await call(mine, ["list-items", { path: "/hidden" }]))).toEqual(nothing);
    const all = [rule("item", "/*", "list"), rule("item", "/hidden/*", "deny")];
    expect(answerOf(await call(all, ["list-items", {}]))).toMatchObject({ folders: ["/live", "/prod"], next_page: "" });
  });

  it("is not named by a target that is tested, deleted or renamed, nor by a cloud that is forgotten", async () => {
    const { call } = await furnished([connector("/hidden/kv", "other")]);
    const rights = [
      rule("target", "/prod/*", "read", "list", "create", "update", "delete", "reveal"),
      rule("system", "/clouds", "delete"),
      rule("item", "/prod/*", "list", "read"),
      rule("item", "/live/*", "list"),
    ];
    const tested = JSON.stringify(await call(rights, ["target test", { name: "/prod/t" }]));
    expect(tested).toContain("https://demo.");
    expect(tested).not.toContain("https://other.");
    expect(await call(rights, ["target test", { name: "/prod/t", "usc-name": "/hidden/kv" }])).toMatchObject({ code: "gateway_forbidden" });

    const less = rights.filter(({ kind }) => kind !== "item");
    for (const line of [
      ["target delete", { name: "/prod/t" }],
      ["target update azure", { name: "/prod/t", "new-name": "/prod/t2" }],
    ] as const) {
      expect(await call(rights, line)).toMatchObject({ code: "conflict" });
      expect(await call(less, line)).toMatchObject({ code: "conflict", error: expect.stringContaining("in use by a connector") });
    }
    const forget: Line = ["cloud unregister", { name: "lab" }];
    expect(await call(rights, forget)).toMatchObject({ error: "The cloud lab is in use by the target /prod/t." });
    expect(await call([rule("system", "/clouds", "delete")], forget)).toMatchObject({ error: "The cloud lab is in use by a target." });
  });

  it("is to a reference as if it were not there: whether it is, it does not tell", async () => {
    const { call, place } = await furnished();
    await place([["create", { "usc-name": "/prod/kv", "secret-name": "db", value: "v", overwrite: true, "if-deleted": "recover" }]]);
    const { version_id: version } = answerOf(await call(undefined, ["get", { "usc-name": "/prod/kv", "secret-id": "db" }]));
    const exact = [rule("item", "/prod/kv", "read")];
    const read = () => call(exact, ["usc-resolve", { reference: `azurevault://prod/kv/db/${String(version)}` }]);
    const before = answerOf(await read());
    expect(before).toMatchObject({ name: "db" });
    await place([connector("/prod/kv/db")]);
    expect(answerOf(await read())).toEqual(before);
  });
});

describe("a token of the gateway", () => {
  const callers = async () => {
    const house = await furnished([
      ["create-role", { name: "r" }],
      ["set-role-rule", { "role-name": "r", path: "/prod/*", capability: ["read"] }],
    ]);
    const { store, call } = house;
    const enlist = async (): Promise<Input> => {
      const key = answerOf(await call(undefined, ["create-auth-method-api-key", { name: "/ci" }]));
      answerOf(await call(undefined, ["assoc-role-am", { "role-name": "r", "am-name": "/ci" }]));
      return { "access-id": key["access_id"], "access-key": key["access_key"] };
    };
    const login = async (key: Input): Promise<string> => String(answerOf(await call(undefined, ["auth", key]))["token"]);
    return { ...house, enlist, login, admit: admission({ store, clock: systemClock }) };
  };

  it("has at each call the rights of that moment: a role that is gone gives nothing any more", async () => {
    const { enlist, login, admit, call } = await callers();
    const token = await login(await enlist());
    expect((await admit(token)).rights.may("read", "item", "/prod/kv")).toBe(true);
    answerOf(await call(undefined, ["delete-role", { name: "r" }]));
    expect((await admit(token)).rights.may("read", "item", "/prod/kv")).toBe(false);
  });

  it("ends with its method, also one that was written at the instant of its deletion, and is none of a new method of that name", async () => {
    const { enlist, login, admit, call, store } = await callers();
    const token = await login(await enlist());
    const kept = await store.collection(tokens).get(await hashOf(token));
    answerOf(await call(undefined, ["delete-auth-method", { name: "/ci" }]));
    await expect(admit(token)).rejects.toMatchObject({ code: "gateway_unauthenticated" });
    if (kept === undefined) throw new Error("no token was stored");
    await store.commit([store.collection(tokens).put(kept.key, kept.value, 0)]);
    const other = await login(await enlist());
    await expect(admit(token)).rejects.toMatchObject({ code: "gateway_unauthenticated" });
    expect(answerOf(await call(undefined, ["validate-token", { token }]))).toMatchObject({ is_valid: false });
    expect((await admit(other)).name).toBe("/ci");
  });

  it("G7 is not what stands in the store, and not a key; what is longer than any is neither hashed nor kept", async () => {
    const { enlist, login, admit } = await callers();
    const key = await enlist();
    const token = await login(key);
    const digest = vi.spyOn(crypto.subtle, "digest");
    await expect(admit("t-".repeat(1_000_000))).rejects.toMatchObject({ code: "gateway_unauthenticated" });
    expect(digest).not.toHaveBeenCalled();
    digest.mockRestore();
    for (const shown of [await hashOf(token), `t-${await hashOf(token)}`, String(key["access-key"]), token.toUpperCase(), `${token} `])
      await expect(admit(shown)).rejects.toMatchObject({ code: "gateway_unauthenticated" });
  });
});

describe("tries of keys", () => {
  const waits = "Too many wrong keys were tried for this access id.";
  /** The room of callers by itself, at a time that stands still. */
  const desk = () => {
    const [store, clock] = [memoryStore(), stillClock()];
    const operations = accessRoom({ store, clock, granting: () => undefined, throttle: throttle(clock), source: () => undefined });
    const { witness } = memoryWitness(clock);
    const run = (name: string, input: Input) => invoke(operationNamed(name, operations), input, witness);
    const refused = async (id: string): Promise<string> => {
      const failure: unknown = await run("auth", { "access-id": id, "access-key": "wrong" }).catch((error: unknown) => error);
      return errorDocument(failure).error;
    };
    return { run, refused, clock };
  };
  const spelled = (id: string, at: number): string =>
    [...id].map((letter, place) => ((at >> (place % 10)) & 1 ? letter.toUpperCase() : letter)).join("");

  it("G8 are counted together, in whatever case the access id is written: of a thousand five are looked at", async () => {
    const { refused, clock } = desk();
    const said: string[] = [];
    for (let at = 0; at < 1000; at += 1) said.push(await refused(spelled("p-abcdefghij", at)));
    expect(said.filter((sentence) => sentence !== waits)).toHaveLength(5);
    await clock.sleep(1000);
    expect(await refused("p-abcdefghij")).not.toBe(waits);
    await clock.sleep(1000);
    expect(await refused("p-abcdefghij")).toBe(waits);
  });

  it("G8 are all counted when they are made at once", async () => {
    const { refused } = desk();
    const said = await Promise.all(Array.from({ length: 1000 }, (_, at) => refused(spelled("p-abcdefghij", at))));
    expect(said.filter((sentence) => sentence !== waits)).toHaveLength(5);
  });

  it("G8 cost the same hashes for an id that is known and for one that is not, and are told the same", async () => {
    const { run, refused } = desk();
    const { access_id: known } = await run("create-auth-method-api-key", { name: "/ci" });
    const digest = vi.spyOn(crypto.subtle, "digest");
    const hashes: number[] = [];
    const said = new Set<string>();
    for (const id of [String(known), "p-none"]) {
      digest.mockClear();
      said.add(await refused(id));
      hashes.push(digest.mock.calls.length);
    }
    digest.mockRestore();
    expect(hashes).toEqual([1, 1]);
    expect([...said]).toEqual(["The access id and the key do not belong together."]);
  });
});

describe("what narrows an access at Akeyless and not here", () => {
  it.each<Line>([
    ["assoc-role-am", { "role-name": "r", "am-name": "ci", "sub-claims": { team: "a" } }],
    ["assoc-role-am", { role_name: "r", am_name: "ci", sub_claims: { team: "a" } }],
    ["set-role-rule", { "role-name": "r", path: "/prod/*", capability: ["read"], ttl: 60 }],
    ["create-auth-method-api-key", { name: "n", "access-expires": 1_900_000_000 }],
    ["create-auth-method-api-key", { name: "n", "bound-ips": ["10.0.0.0/8"] }],
    ["create-auth-method-api-key", { name: "n", "gw-bound-ips": "10.0.0.0/8" }],
    ["create-auth-method-api-key", { name: "n", "allowed-client-type": ["cli"] }],
    ["create-auth-method-api-key", { name: "n", "force-sub-claims": "true" }],
  ])("%s %j: is refused, and nothing is given", async (...line) => {
    const { call, stored } = await furnished([
      ["create-role", { name: "r" }],
      ["create-auth-method-api-key", { name: "ci" }],
    ]);
    const before = stored();
    expect(await call(undefined, line)).toMatchObject({ code: "unsupported" });
    expect(stored()).toBe(before);
  });

  it("is passed over as clients send it when their user said nothing", async () => {
    const { call } = await furnished([
      ["create-role", { name: "r" }],
      ["create-auth-method-api-key", { name: "ci" }],
    ]);
    const unsaid = { "access-expires": 0, "jwt-ttl": 0, json: false, "force-sub-claims": false, "bound-ips": [] };
    answerOf(await call(undefined, ["create-auth-method-api-key", { name: "n", ...unsaid }]));
    answerOf(await call(undefined, ["assoc-role-am", { "role-name": "r", "am-name": "ci", "case-sensitive": "true", "sub-claims": {} }]));
  });
});

describe("who may keep roles", () => {
  const keeper = [rule("system", "/access", "create", "read", "list", "update", "delete"), rule("item", "/dev/*", "read", "list")];

  it("gives himself no more than he has, by no way round", async () => {
    const { call } = await furnished([
      ["create-auth-method-api-key", { name: "few" }],
      ["create-role", { name: "all" }],
      ["set-role-rule", { "role-name": "all", path: "/*", capability: ["read"] }],
      ["create-role", { name: "mine" }],
      ["assoc-role-am", { "role-name": "mine", "am-name": "few" }],
    ]);
    const refused = async (name: string, input: Input): Promise<void> => {
      expect(await call(keeper, [name, input]), JSON.stringify(input)).toMatchObject({ code: "gateway_forbidden" });
    };
    const rules = (path: string, ...capability: string[]) => ({ "role-name": "mine", path, capability });
    await refused("assoc-role-am", { "role-name": "all", "am-name": "few" });
    for (const path of ["/*", "/dev", "/prod/kv", "/DEV/*", "/ｄev/*"]) await refused("set-role-rule", rules(path, "read"));
    await refused("set-role-rule", rules("/dev/*", "read", "update"));
    await refused("set-role-rule", rules("/dev/*", "read,update"));
    await refused("set-role-rule", { ...rules("/dev/*", "read"), "rule-type": "target-rule" });
    await refused("set-role-rule", { ...rules("/*", "update"), "rule-type": "system-rule" });
    await refused("set-role-rule", { ...rules("/identity", "reveal"), "rule-type": "system-rule" });
    answerOf(await call(keeper, ["set-role-rule", rules("/dev/*", "read", "list")]));
    answerOf(await call(keeper, ["set-role-rule", rules("/dev/a", "read", "deny")]));
  });

  it("takes no denial away with a role that he takes, and the caller has it no more", async () => {
    const { call, stored } = await furnished([
      ["create-auth-method-api-key", { name: "few" }],
      ["create-role", { name: "dev" }],
      ["set-role-rule", { "role-name": "dev", path: "/dev/*", capability: ["read"] }],
      ["create-role", { name: "bound" }],
      ["set-role-rule", { "role-name": "bound", path: "/prod/*", capability: ["deny"] }],
    ]);
    for (const role of ["dev", "bound"]) answerOf(await call(undefined, ["assoc-role-am", { "role-name": role, "am-name": "few" }]));
    const before = stored();
    const take = (role: string): Line => ["delete-assoc", { "assoc-id": `/${role} /few` }];
    expect(await call(keeper, take("bound"))).toMatchObject({ code: "gateway_forbidden" });
    for (const id of ["dev few", "/dev", "/dev/few", "/dev  /few", "/few /dev"])
      expect(await call(keeper, ["delete-assoc", { "assoc-id": id }]), id).toMatchObject({ code: "not_found" });
    expect(stored()).toBe(before);
    expect(answerOf(await call(keeper, take("dev")))).toEqual({ assoc_id: "/dev /few" });
    expect(answerOf(await call(undefined, ["get-role", { name: "dev" }]))).toMatchObject({ role_auth_methods_assoc: [] });
    expect(await call(keeper, take("dev"))).toMatchObject({ code: "not_found" });
  });

  it("is bound by a denial also through a new caller and a new role", async () => {
    const { call } = await furnished([
      ["create-role", { name: "dev" }],
      ["set-role-rule", { "role-name": "dev", path: "/dev/*", capability: ["read"] }],
    ]);
    const denied = [...keeper, rule("item", "/dev/payroll", "deny")];
    answerOf(await call(denied, ["create-auth-method-api-key", { name: "other" }]));
    answerOf(await call(denied, ["create-role", { name: "new" }]));
    expect(await call(denied, ["assoc-role-am", { "role-name": "dev", "am-name": "other" }])).toMatchObject({ code: "gateway_forbidden" });
    for (const path of ["/dev/*", "/dev/payroll", "/Dev/Payroll"]) {
      const given = await call(denied, ["set-role-rule", { "role-name": "new", path, capability: ["read"] }]);
      expect(given, path).toMatchObject({ code: "gateway_forbidden" });
    }
  });
});

describe("a folder that is moved", () => {
  it("needs all rights on all that lies below it, now or later, and takes nothing along that is denied", async () => {
    const { call, stored } = await furnished([connector("/prod/private/kv")]);
    const all = rule("item", "/*", "read", "list", "create", "update", "delete");
    const before = stored();
    const move: Line = ["move-objects", { source: "/prod", target: "/mine" }];
    for (const denied of ["/prod/private/*", "/PROD/private/kv", "/prod/private/later", "/mine/private/*", "/prod"])
      expect(await call([all, rule("item", denied, "deny")], move), denied).toMatchObject({ code: "gateway_forbidden" });
    const thief = ["/prod", "/prod/*"].map((path) => rule("item", path, "delete", "create"));
    const own = ["/mine", "/mine/*"].map((path) => rule("item", path, ...all.capabilities));
    expect(await call([...own, ...thief], move)).toMatchObject({ code: "gateway_forbidden" });
    expect(stored()).toBe(before);
    expect(answerOf(await call([all], move))).toMatchObject({ moved: [{ from: "/prod/kv" }, { from: "/prod/private/kv" }] });
  });
});
