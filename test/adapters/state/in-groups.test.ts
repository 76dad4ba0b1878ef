import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { inGroups } from "../../../src/adapters/state/in-groups.ts";

it("what is asked for in one turn is done together, and what comes meanwhile after that", async () => {
  const groups: (readonly string[])[] = [];
  const first = Promise.withResolvers<void>();
  const one = inGroups<string>(async (group) => {
    groups.push(group);
    if (groups.length === 1) await first.promise;
  });
  const asked = [one("a"), one("b")];
  await setImmediate();
  asked.push(one("c"));
  await setImmediate();
  expect(groups).toEqual([["a", "b"]]);
  asked.push(one("d"));
  first.resolve();
  await Promise.all(asked);
  expect(groups).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});

it("a group that fails is its own failure", async () => {
  let isFirst = true;
  const one = inGroups<string>(async () => {
    if (!isFirst) return;
    isFirst = false;
    throw new Error("full");
  });
  await expect(Promise.all([one("a"), one("b")])).rejects.toThrow("full");
  await one("c");
});
