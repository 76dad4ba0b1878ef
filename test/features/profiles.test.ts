import { describe, expect, it } from "vitest";
import { findProfile } from "../../src/features/profiles/find.ts";
import { operations } from "../../src/features/profiles/index.ts";
import { sessionOf } from "../../src/features/profiles/login.ts";
import type { Gateway } from "../../src/features/profiles/port.ts";
import { rfc3339 } from "../../src/kernel/clock.ts";
import { UscError } from "../../src/kernel/errors.ts";
import { invoke } from "../../src/kernel/operation.ts";
import { refused } from "../support/house.ts";
import { stillClock } from "../support/still-clock.ts";
import { memoryWitness } from "../support/memory-audit.ts";
import { memoryStore } from "../support/memory-store.ts";

const minute = 60_000;

/** A machine with profiles, and a gateway that gives everybody a new token for ten minutes. */
function machine() {
  const store = memoryStore();
  const clock = stillClock();
  const { witness } = memoryWitness(clock);
  const verbs = operations({ store, address: (given) => given });
  const call = (name: string, input: Record<string, unknown>) => {
    const verb = verbs.find((one) => one.name === name);
    if (verb === undefined) throw new Error(`no ${name}`);
    return invoke(verb, input, witness);
  };
  const asked: unknown[] = [];
  let meanwhile = async (): Promise<unknown> => undefined;
  const gateway: Gateway = {
    async post({ route, body }) {
      asked.push({ route, ...body });
      await meanwhile();
      return { token: `t-${asked.length}`, expiration: rfc3339(clock.now() + 10 * minute) };
    },
  };
  const configure = (id: string) => call("configure", { "gateway-url": "https://g", "access-id": id, "access-key": `${id}-key\n` });
  const session = async (refusedToken?: string) => sessionOf({ store, clock, gateway }, await findProfile(store, "default"), refusedToken);
  return { store, clock, call, asked, configure, session, during: (act: typeof meanwhile) => void (meanwhile = act) };
}

describe("the token of a profile", () => {
  it("is asked for once, with the key as it is, and kept until shortly before its end", async () => {
    const { clock, asked, configure, session } = machine();
    await configure("a");
    expect([await session(), await session()]).toEqual([
      { token: "t-1", fresh: true },
      { token: "t-1", fresh: false },
    ]);
    expect(asked).toEqual([{ route: "auth", "access-id": "a", "access-key": "a-key" }]);
    await clock.sleep(10 * minute - 9000);
    expect(await session()).toEqual({ token: "t-2", fresh: true });
  });

  it("is asked for anew when it was refused, and not when another process has done so meanwhile", async () => {
    const { configure, session } = machine();
    await configure("a");
    await session();
    expect(await session("t-1")).toEqual({ token: "t-2", fresh: true });
    expect(await session("t-1")).toEqual({ token: "t-2", fresh: false });
  });

  it("is nobody else's: a login that ends when the profile is made anew is not kept for the new one", async () => {
    const { configure, session, during } = machine();
    await configure("a");
    during(() => configure("b"));
    expect(await session()).toEqual({ token: "t-1", fresh: true });
    during(async () => undefined);
    expect(await session()).toEqual({ token: "t-2", fresh: true });
  });

  it("of a store that cannot be written is good for this call", async () => {
    const { store, configure, session } = machine();
    await configure("a");
    store.commit = async () => {
      throw new UscError("unavailable", "The disk is full.");
    };
    expect([await session(), await session()]).toEqual([
      { token: "t-1", fresh: true },
      { token: "t-2", fresh: true },
    ]);
  });
});

describe("a profile", () => {
  it("is replaced by another one of its name, is listed without its key, and goes with its token", async () => {
    const { call, configure, session } = machine();
    await configure("a");
    await session();
    await configure("b");
    expect(await call("profile list", {})).toEqual({ profiles: [{ profile: "default", gateway_url: "https://g", access_id: "b" }] });
    expect(await call("profile delete", { profile: "default" })).toEqual({ profile: "default" });
    await expect(call("profile delete", { profile: "default" })).rejects.toEqual(refused("not_found", /no profile default/u));
    await configure("b");
    expect(await session()).toEqual({ token: "t-2", fresh: true });
  });

  it.each(["a b", "../a", "a/b", "é", "x".repeat(65)])("%j is no name of one", async (profile) => {
    const { call } = machine();
    const given = { profile, "gateway-url": "https://g", "access-id": "a", "access-key": "k" };
    await expect(call("configure", given)).rejects.toEqual(refused("usage", /no profile name/u));
  });
});
