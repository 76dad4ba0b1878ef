import { createInterface } from "node:readline";
import { writeSync } from "node:fs";
import { openStore } from "../../src/adapters/state/index.ts";
import { operations } from "../../src/features/duties/index.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { errorDocument } from "../../src/kernel/errors.ts";
import { operationNamed } from "../../src/kernel/operation.ts";
import { effectsOf } from "./duty-effects.ts";

/** A process of its own that runs a duty: `node duty-child.ts HOME HOLDER LEASE-MS STEPS [POINT]`. At the point it says so, and waits for a line. */
const [home = "", holder = "", leaseMs = "", steps = "", point] = process.argv.slice(2);

const say = (line: unknown): void => void writeSync(1, `${JSON.stringify(line)}\n`);
const heard = createInterface(process.stdin)[Symbol.asyncIterator]();

const store = openStore({ home });
const duty = effectsOf(store, holder, Number(steps), async (at) => {
  if (String(at) !== point) return;
  say({ at });
  await heard.next();
});
const deps = {
  store,
  clock: systemClock,
  holder,
  random: Math.random,
  leaseMs: Number(leaseMs),
  duties: async () => [duty],
  steps: { at() {}, pause: async () => {}, confirm: async () => {}, warn() {}, stopping: () => new AbortController().signal },
};
try {
  say(await operationNamed("duty run", operations(deps)).run({ name: "effects" } as never));
} catch (error) {
  say(errorDocument(error));
}
process.exit(0);
