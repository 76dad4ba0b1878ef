import { mkdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { rotations } from "../../src/features/rotation/model.ts";
import { gatewayOver } from "../support/gateway.ts";
import { heldAt } from "../support/kill.ts";
import { program, start } from "../support/program.ts";
import { stateLab } from "../support/state-lab.ts";
import { key } from "./rotation-things.ts";
import { dutyWork } from "./rotation-work.ts";
import { duty, endsWell, type Fresh, nameOf, requestAt, requireWhole, tally, worldOf } from "./rotation-world.ts";

const { newHome } = stateLab();
/** In CI one point for each, of each another one, and of the gateway two; else all. */
const isBounded = process.env["CI"] !== undefined;
let stopped = 0;
afterAll(() => {
  console.log(`rotation (stop): ${stopped} points of SIGTERM, ${tally.lost} lost`);
  expect(stopped).toBeGreaterThanOrEqual(10);
});

/** Who runs the duty until it is told to stop. `exits`: with what, then. */
interface Runner {
  ended: Promise<number | null>;
  stop(): void;
}
function userOf({ home }: Fresh) {
  const folder = `${home}-user`;
  mkdirSync(folder, { recursive: true });
  return { folder, home };
}
const dutyRun = (given: Fresh) => start(userOf(given), [...program, "duty", "run", "--name", "rotation"]);
const runners: Record<string, { exits: readonly number[]; run: (given: Fresh) => Promise<Runner> }> = {
  "usc duty run": {
    // All may be done by then.
    exits: [0, 143],
    async run(given) {
      const { child, ended } = dutyRun(given);
      return { ended: ended.then(({ exit }) => exit), stop: () => void child.kill("SIGTERM") };
    },
  },
  "a gateway": {
    exits: [0],
    async run(given) {
      const gateway = await gatewayOver(userOf(given));
      const { promise, resolve } = Promise.withResolvers<number | null>();
      return { ended: promise, stop: () => void gateway.stop().then(resolve) };
    },
  },
};

const cases = Object.entries(runners)
  .flatMap(([who, runner]) => Object.entries(dutyWork).map(([when, work]) => [who, when, { ...runner, work }] as const))
  .slice(0, isBounded ? 10 : undefined);

describe("told to stop by SIGTERM in the middle of any request, it begins nothing more, and the next one brings it to its end at once", () => {
  it.concurrent.each(cases.map((each, index) => [...each, index] as const))(
    "%s, %s",
    async (_, __, { run, exits, work }, index) => {
      const { lab, fresh, pointsOf } = await worldOf(work, newHome);
      const next = async (given: Fresh, where: string): Promise<void> => {
        const { exit, stderr } = await dutyRun(given).ended;
        expect({ where, exit, stderr }).toEqual({ where, exit: 0, stderr: "" });
        await requireWhole(given, work, where);
      };
      const points = isBounded ? [requestAt(index % 4)] : (await pointsOf((await fresh()).home, duty)).filter((point) => "skip" in point);
      for (const point of points) {
        const [where, given] = [nameOf(point), await fresh()];
        const { one, wasHeld } = await heldAt(lab, point, () => run(given));
        expect({ where, wasHeld }).toEqual({ where, wasHeld: true });
        one.stop();
        await lab.control("DELETE", "/requests");
        await lab.control("DELETE", "/faults");
        const released = performance.now();
        expect({ where, exit: await one.ended }).toEqual({ where, exit: expect.toSatisfy((exit: number) => exits.includes(exit)) });
        expect(performance.now() - released).toBeLessThan(20_000);
        // The rest of what was under way; and one step, since it may hear the answer before the signal.
        expect((await lab.control("GET", "/requests")).json.requests.length).toBeLessThanOrEqual(2);
        stopped += 1;
        // What is replaced in its place may be neither the old nor the new.
        if ((await given.store.collection(rotations).get(key.name))?.value.phase !== "replacing")
          expect({ where, works: await given.thing.works(await given.house.value(key.name)) }).toEqual({ where, works: true });
        await next(given, where);
      }
    },
    600_000,
  );
});

// In CI there is no time for it.
it.concurrent.each(isBounded ? [] : Object.entries(runners))(
  "told to stop by SIGTERM while Azure hangs, %s ends within 20 s, and once the minute of the rotation is over the next one goes on",
  async (who, { run }) => {
    const work = dutyWork["on the date of an api-key"];
    if (work === undefined) throw new Error("no such work");
    const { lab, fresh } = await worldOf(work, newHome);
    const given = await fresh();
    const { one } = await heldAt(lab, requestAt(0), () => run(given));
    await lab.control("POST", "/faults", { path: "*", hold: "before", times: 1000 });
    one.stop();
    const began = performance.now();
    await one.ended;
    expect(performance.now() - began).toBeLessThan(20_000);
    await lab.control("DELETE", "/faults");
    await endsWell(given.home, duty, 2, who);
    await requireWhole(given, work, who);
    stopped += 1;
  },
);
