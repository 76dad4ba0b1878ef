import { afterAll, describe, expect, it } from "vitest";
import { stateLab } from "../support/state-lab.ts";
import { dutyWork } from "./rotation-work.ts";
import { commitAt, duty, endsWell, nameOf, type Point, requestAt, requireWhole, tally, worldOf } from "./rotation-world.ts";

const { newHome } = stateLab();
const isBounded = process.env["CI"] !== undefined;
/** In CI one pair of points for each. */
const sample: readonly (readonly [first: Point, second: Point])[] = [
  [commitAt(3), requestAt(3)],
  [requestAt(3), commitAt(3)],
  [commitAt(4), requestAt(0)],
  [requestAt(1), commitAt(2)],
];
/** Else each first point, and of the second ones every so many commits, or requests: other ones after each. They are counted as they come, since what is left to be done is another thing each time. */
const stride = 5;
let twice = 0;
afterAll(() => {
  console.log(`rotation (twice): ${tally.killed} kill points, ${twice} of them in what a killed process had left, ${tally.lost} lost`);
  expect(twice).toBeGreaterThanOrEqual(Object.keys(dutyWork).length);
});

describe("the duty, killed with -9 at one point, and once more in the turn that goes on with it: the third brings it to its end", () => {
  it.concurrent.each(Object.entries(dutyWork).map(([when, work], index) => [when, work, index] as const))(
    "%s",
    async (_, work, index) => {
      const { fresh, pointsOf, killed } = await worldOf(work, newHome);
      const attempt = async (first: Point, second: Point): Promise<"killed" | "ended"> => {
        const where = `${nameOf(first)}, then ${nameOf(second)}`;
        const given = await fresh();
        await killed(given.home, duty, 0, first);
        const how = await killed(given.home, duty, 2, second);
        if (how === "killed") twice += 1;
        await endsWell(given.home, duty, 4, where);
        await requireWhole(given, work, where);
        return how;
      };
      if (isBounded) {
        const [first, second] = sample[index % sample.length] ?? [];
        if (first && second) expect(await attempt(first, second)).toBe("killed");
        return;
      }
      const firsts = await pointsOf((await fresh()).home, duty);
      for (const [at, first] of firsts.entries()) {
        const secondAt = at % 2 === 0 ? commitAt : requestAt;
        for (let second = (at >> 1) % stride; (await attempt(first, secondAt(second))) === "killed"; second += stride);
      }
    },
    3_600_000,
  );
});
