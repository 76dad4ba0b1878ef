import { openStore } from "../../src/adapters/state/index.ts";
import { stateOf } from "../../src/features/duties/standing.ts";
import { takeTurn } from "../../src/features/duties/turn.ts";
import { rotation } from "../../src/features/rotation/duty.ts";
import { operations } from "../../src/features/rotation/index.ts";
import { type Clock, systemClock } from "../../src/kernel/clock.ts";
import { errorDocument } from "../../src/kernel/errors.ts";
import { invoke, operationNamed } from "../../src/kernel/operation.ts";
import { memoryWitness } from "./memory-audit.ts";
import { pointed, say } from "./points.ts";
import { quietSteps } from "./quiet-steps.ts";
import { rotationEngine } from "./rotation-house.ts";

/**
 * A process of its own that calls an operation, or runs the duty `rotation`, so many minutes from now: `node rotation-child.ts HOME NAME INPUT
 * MINUTES [POINT]`. Point 2n is before its commit n, and 2n + 1 after it: there it says so, and waits for a line. Otherwise it says how it ended.
 * Nobody waits for time: a sleep is a leap.
 */
const [home = "", name = "", input = "", minutes = "", point] = process.argv.slice(2);

const { store, points } = pointed(openStore({ home }), point);
let leapt = Number(minutes) * 60_000;
const clock: Clock = {
  now: () => systemClock.now() + leapt,
  sleep: async (ms) => void (leapt += ms),
};
const { engine } = rotationEngine(store, clock);
const steps = quietSteps({ pause: clock.sleep });
const asleep: Clock = {
  ...clock,
  sleep: (_, signal) => new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve())),
};

async function call(): Promise<unknown> {
  if (name !== "duty run") {
    const operation = operationNamed(name, operations({ ...engine, steps, may: () => true }));
    return invoke(operation, JSON.parse(input) as Record<string, unknown>, memoryWitness(clock).witness);
  }
  const desk = { store, clock: asleep, holder: `pid ${process.pid}`, random: () => 0, leaseMs: 60_000 };
  const duty = rotation(engine);
  return { detail: await takeTurn(desk, duty, await stateOf(desk, duty.name), new AbortController().signal) };
}

try {
  say({ answer: await call(), points: points() });
} catch (error) {
  say({ ...errorDocument(error), points: points() });
}
process.exit(0);
