import { stateOf } from "../../src/features/duties/standing.ts";
import { takeTurn } from "../../src/features/duties/turn.ts";
import type { Engine } from "../../src/features/rotation/deps.ts";
import { rotation } from "../../src/features/rotation/duty.ts";

const asleep = (_: number, signal?: AbortSignal) => new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve()));

/** Turns of the duty `rotation`, where a sleep is a leap: but for a turn's signs of life, each of which would be the end of all leaps. */
export function turnsOf(engine: Engine) {
  const { store, clock } = engine;
  const duty = rotation(engine);
  const desk = { store, clock: { ...clock, sleep: asleep }, holder: "one", random: () => 0, leaseMs: 60_000 };
  const run = async (signal = new AbortController().signal) => takeTurn(desk, duty, await stateOf(desk, duty.name), signal);
  const due = async () => duty.due(clock.now(), undefined);
  return { run, due };
}
