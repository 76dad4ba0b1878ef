import { openStore } from "../../src/adapters/state/index.ts";
import { operations } from "../../src/features/duties/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { errorDocument } from "../../src/kernel/errors.ts";
import { operationNamed } from "../../src/kernel/operation.ts";
import { effectsOf } from "./duty-effects.ts";
import { say, waitingAt } from "./points.ts";
import { quietSteps } from "./quiet-steps.ts";

/** A process of its own that runs a duty: `node duty-child.ts HOME HOLDER LEASE-MS STEPS [POINT]`. At the point it says so, and waits for a line. */
const [home = "", holder = "", leaseMs = "", steps = "", point] = process.argv.slice(2);

const store = openStore({ home });
const duty = effectsOf(store, holder, Number(steps), waitingAt(point));
const deps = {
  store,
  clock: systemClock,
  holder,
  random: Math.random,
  leaseMs: Number(leaseMs),
  duties: async () => [duty],
  steps: quietSteps(),
};
try {
  say(await operationNamed("duty run", operations(deps)).run({ name: "effects" } as never));
} catch (error) {
  say(errorDocument(error));
}
process.exit(0);
