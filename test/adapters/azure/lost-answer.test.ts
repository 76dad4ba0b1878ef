import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Vault } from "../../../src/features/objects/port.ts";
import { azureLab } from "./azure-lab.ts";

const names = Array.from({ length: 60 }, (_, index) => `lost-${index}`);
const { adapter, adapterOf, clock, control, requests, stop, vaultAt } = await azureLab(names, { perRequestMs: 150 });
afterAll(stop);

let used = 0;
let vault: Vault;
beforeEach(async () => {
  vault = vaultAt(names[(used += 1)] ?? "");
  await control("DELETE", "/faults");
  // The login is no part of what these tests count.
  await adapter.get(vault, "warm").catch(() => {});
});

type Loss = [name: string, fault: object];
const after: Loss[] = [
  ["a reset", { reset: "after" }],
  ["a closed connection", { drop: "after" }],
  ["a cut body", { cut: 1 }],
  ["a 500", { status: 500, takes_effect: true }],
  ["a 503", { status: 503, takes_effect: true }],
  ["a page of a gateway", { status: 200, takes_effect: true, body: "<html>" }],
  ["silence", { hold: "after" }],
];
const before: Loss[] = [
  ["a reset", { reset: "before" }],
  ["a closed connection", { drop: "before" }],
  ["a 500", { status: 500 }],
  ["a page of a gateway", { status: 200, body: "<html>" }],
  ["silence", { hold: "before" }],
];
const lose = (method: string, path: string, fault: object, times = 1) => control("POST", "/faults", { method, path, times, ...fault });
const written = async (method: string): Promise<number> => (await requests()).filter((request) => request.method === method).length;
const versionsOf = async (name: string): Promise<number> => {
  let count = 0;
  for await (const page of adapter.versions(vault, name)) count += page.items.length;
  return count;
};
const unknown = { code: "unavailable", message: expect.stringContaining("It is unknown whether"), details: { reason: "lost" } };

describe("a set whose answer is lost", () => {
  it.each(after)("to %s counts as done when it took effect", async (_, fault) => {
    await lose("PUT", "/secrets/x", fault);
    const wish = { value: "v", tags: { a: "1" }, contentType: "t", expires: 2_000_000_000_500 };
    const made = await adapter.set(vault, "x", wish);
    expect(made).not.toHaveProperty("value");
    expect(await adapter.get(vault, "x")).toMatchObject({ version: made.version, value: "v", tags: { a: "1" } });
    expect(await versionsOf("x")).toBe(1);
  });

  it.each(before)("to %s is written once more when it took none", async (_, fault) => {
    await adapter.set(vault, "x", { value: "old" });
    clock.advance(2000);
    await lose("PUT", "/secrets/x", fault);
    const made = await adapter.set(vault, "x", { value: "new" });
    expect(await adapter.get(vault, "x")).toMatchObject({ version: made.version, value: "new" });
    expect(await versionsOf("x")).toBe(2);
  });

  it("twice is told as unknown, and not written a third time", async () => {
    await lose("PUT", "/secrets/x", { reset: "before" }, 5);
    await control("DELETE", "/requests");
    await expect(adapter.set(vault, "x", { value: "v" })).rejects.toMatchObject(unknown);
    expect(await written("PUT")).toBe(2);
  });

  it("is not written again where the caller wants no retries, but looked up all the same", async () => {
    const once = { ...vault, limits: { maxRetries: 0 } };
    await lose("PUT", "/secrets/x", { reset: "before" });
    await expect(adapter.set(once, "x", { value: "v" })).rejects.toMatchObject(unknown);
    await lose("PUT", "/secrets/x", { reset: "after" });
    expect((await adapter.set(once, "x", { value: "v" })).version).toBeDefined();
  });

  it("is not put on top of what somebody else wrote meanwhile", async () => {
    await lose("PUT", "/secrets/x", { reset: "after" });
    const meanwhile = adapterOf();
    const told = adapter.set(vault, "x", { value: "mine" });
    const slept = clock.sleep.bind(clock);
    clock.sleep = async (ms) => {
      clock.sleep = slept;
      await slept(2000);
      await meanwhile.set(vault, "x", { value: "theirs" });
      return slept(ms);
    };
    await expect(told).rejects.toMatchObject(unknown);
    expect((await adapter.get(vault, "x")).value).toBe("theirs");
    expect(await versionsOf("x")).toBe(2);
  });

  it("is told as unknown to a target that may not read", async () => {
    await control("PUT", "/role-assignments", { vault: names[used], actions: ["secrets/setSecret/action"] });
    await lose("PUT", "/secrets/x", { reset: "after" });
    await expect(adapter.set(vault, "x", { value: "v" })).rejects.toMatchObject(unknown);
  });

  it("is told as unknown when no time is left to look", async () => {
    await lose("PUT", "/secrets/x", { reset: "after" });
    const limits = { deadline: clock.now() + 100 };
    await expect(adapter.set({ ...vault, limits }, "x", { value: "v" })).rejects.toMatchObject(unknown);
  });
});

describe("a change, deletion, recovery or purge whose answer is lost", () => {
  it.each([...after, ...before])("to %s ends as it was meant", async (_, fault) => {
    await adapter.set(vault, "x", { value: "v" });
    await lose("PATCH", "*", fault);
    expect(await adapter.change(vault, "x", undefined, { enabled: false, tags: { b: "2" } })).toMatchObject({ enabled: false });
    await lose("DELETE", "/secrets/x", fault);
    expect(await adapter.delete(vault, "x")).toMatchObject({ name: "x", deleted: expect.any(Number) });
    clock.advance(1000);
    await lose("POST", "*/recover", fault);
    expect(["recovering", "live"]).toContain(await adapter.recover(vault, "x"));
    clock.advance(1000);
    expect(await versionsOf("x")).toBe(1);
    await adapter.delete(vault, "x");
    clock.advance(1000);
    await lose("DELETE", "/deletedsecrets/x", fault);
    expect(["purged", "deleting"]).toContain(await adapter.purge(vault, "x"));
    clock.advance(1000);
    expect(await adapter.deleted(vault, "x")).toBeUndefined();
    expect((await adapter.set(vault, "x", { value: "v" })).name).toBe("x");
  });

  it("ends as it was meant although the object was a deleted one", async () => {
    await lose("DELETE", "/secrets/x", { reset: "before" });
    await expect(adapter.delete(vault, "absent")).rejects.toMatchObject({ code: "not_found" });
    await adapter.set(vault, "x", { value: "v" });
    await lose("DELETE", "/secrets/x", { reset: "before" }, 5);
    await expect(adapter.delete(vault, "x")).rejects.toMatchObject(unknown);
    expect((await adapter.get(vault, "x")).value).toBe("v");
  });
});
