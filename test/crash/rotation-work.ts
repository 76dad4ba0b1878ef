import { rotatedSecrets } from "../../src/features/rotation/model.ts";
import { rfc3339, systemClock } from "../../src/kernel/clock.ts";
import { turnsOf } from "../support/rotation-turns.ts";
import { type House, key } from "./rotation-things.ts";
import type { Work } from "./rotation-world.ts";

const scheduled = { "auto-rotate": true, "rotation-interval": 30 };
export const graced = (timing: string) => ({
  ...scheduled,
  "grace-rotation": true,
  "grace-rotation-interval": 5,
  "grace-rotation-timing": timing,
});

export const byHand = async (house: House): Promise<void> => void (await house.call("rotate-secret", key));

/** As if the last rotation had been so many days ago. */
const daysAgo = async ({ store }: House, days: number): Promise<void> => {
  const found = await store.collection(rotatedSecrets).get(key.name);
  if (found === undefined) throw new Error("no item");
  const then = rfc3339(systemClock.now() - days * 86_400_000);
  await store.commit([store.collection(rotatedSecrets).put(key.name, { ...found.value, "rotated-at": then }, found.revision)]);
};
const overdue = (house: House): Promise<void> => daysAgo(house, 31);

/** What falls due at the end of grace, and before it. */
export const graceWork: Record<string, Work> = {
  "at the end of grace": {
    kind: "api-key",
    ends: "there",
    more: graced("after"),
    before: async (house) => byHand(house).then(() => daysAgo(house, 6)),
  },
  "ahead of the date": { kind: "api-key", ends: "there", more: graced("before"), before: (house) => daysAgo(house, 26), spare: [1] },
  "on the date of what was made ahead": {
    kind: "api-key",
    ends: "there",
    more: graced("before"),
    async before(house) {
      await daysAgo(house, 26);
      await turnsOf(house.engine).run();
      await overdue(house);
    },
  },
};

/** All that the duty finds to do. */
export const dutyWork: Record<string, Work> = {
  ...Object.fromEntries(
    (["api-key", "target", "password", "storage key"] as const).map((kind) => [
      `on the date of ${kind === "api-key" ? "an" : "a"} ${kind}`,
      { kind, ends: "there", more: scheduled, before: overdue },
    ]),
  ),
  "on the date, with grace after it": { kind: "api-key", ends: "there", more: graced("after"), before: overdue, spare: [1] },
  ...graceWork,
};
