import { expect, it } from "vitest";
import type { Database } from "../../../src/adapters/state/database.ts";
import { soonOf } from "../../../src/adapters/state/soon.ts";

it.each([
  ["emptied", 1, ["emptied"]],
  ["emptied", 3, ["held", "held", "emptied"]],
  ["failed", 2, ["held", "failed"]],
] as const)("a log is %s after %i looks: who reads from it goes on, a full disk stays full", async (end, looks, hows) => {
  const left = [...hows];
  const emptyLog = () => left.shift() ?? "held";
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else of it is asked for
  const soon = soonOf({ emptyLog } as unknown as Database, "long", { lockTimeout: 10_000, noteTimeout: 10_000 });
  expect(await soon.emptyLog()).toBe(end);
  expect(hows.length - left.length).toBe(looks);
});
