import type { Engine, Manner } from "./deps.ts";
import { contentOf, findRotated } from "./find.ts";
import { type Phase, type RotatedSecret, rotatedSecrets, type Work } from "./model.ts";
import { begin } from "./begin.ts";
import { carryOut } from "./rotate.ts";
import { nextStep, type Step } from "./schedule.ts";
import { spareKeys } from "./spare.ts";

/** The first step of the schedule, if it is due: as it is due by the record that nobody has changed since. */
export async function takeStep(engine: Engine, manner: Manner, path: string): Promise<Step["does"] | undefined> {
  const stored = await findRotated(engine.store, path);
  const step = nextStep(stored.value);
  if (step === undefined || step.at > engine.clock.now()) return undefined;
  const along = [engine.store.collection(rotatedSecrets).touch(path, stored.revision)];
  await carryOut(engine, await begin(engine, manner, stored, along, await workOf(engine, stored.value, step)));
  return step.does;
}

/** How a step of the schedule begins. */
async function workOf({ store }: Engine, item: RotatedSecret, { does }: Step): Promise<{ phase: Phase; work: Partial<Work> }> {
  if (does === "rotate") return { phase: "staging", work: {} };
  if (does === "make") return { phase: "staging", work: { ahead: true } };
  return { phase: "retiring", work: { retire: spareKeys((await contentOf(store, item)).content) } };
}
