import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/adapters/state/index.ts";
import { effectsOf } from "../support/duty-effects.ts";
import { childOf } from "../support/points.ts";
import { stateLab } from "../support/state-lab.ts";

const { newHome } = stateLab();
let points = 0;
let lost = 0;
afterAll(() => console.log(`duties: ${points} kill points, ${lost} lost`));

const steps = 4;
const leaseMs = 300;

type Line = { at?: number; code?: string; duties?: { outcome: string; detail: string }[] };

/** A process that runs the duty; at `point` it waits for `go`. */
const processOf = (home: string, holder: string, point?: number) => childOf<Line>("duty-child.ts", [home, holder, leaseMs, steps, point]);

/** Runs it by others until one of them does: until then the lease of the one before is not over. */
async function taken(home: string): Promise<Line> {
  for (let tries = 0; tries < 50; tries += 1) {
    const answer = await processOf(home, `next ${tries}`).ended;
    if (answer.code !== "conflict") return answer;
  }
  throw new Error("nobody took it over");
}

const pointsOfAll = Array.from({ length: 2 * steps }, (_, at) => at);

describe("a duty whose process", () => {
  it.each(pointsOfAll)("is killed with -9 at point %i is done by the next one, once its lease is over", async (point) => {
    const home = newHome();
    const one = processOf(home, "one", point);
    await one.first;
    one.kill();
    await one.ended;
    expect(await taken(home)).toMatchObject({ duties: [{ outcome: "ok", detail: `${steps} steps.` }] });
    const { written } = await effectsOf.read(openStore({ home }));
    points += 1;
    lost += steps - written.length;
    expect(written.every((by) => by.startsWith("next"))).toBe(true);
    expect(written).toHaveLength(steps);
  });

  it.each(pointsOfAll)("is stopped at point %i loses it, and does nothing more when it wakes", async (point) => {
    const home = newHome();
    const one = processOf(home, "one", point);
    await one.first;
    one.kill("SIGSTOP");
    expect(await taken(home)).toMatchObject({ duties: [{ outcome: "ok" }] });
    const store = openStore({ home });
    const before = await effectsOf.read(store);
    one.kill("SIGCONT");
    one.go();
    expect(await one.ended).toMatchObject({ code: "conflict" });
    points += 1;
    expect(await effectsOf.read(store)).toEqual(before);
    expect(before.written).toHaveLength(steps);
  });
});
