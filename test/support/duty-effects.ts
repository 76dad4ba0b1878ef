import * as z from "zod/mini";
import type { Duty } from "../../src/kernel/duty.ts";
import type { RecordKind, Store } from "../../src/kernel/store.ts";

const Effects = z.object({ by: z.string() });
/** One record a step: who wrote it last. */
const effects: RecordKind<z.infer<typeof Effects>> = { name: "effects", noun: "effect", schema: () => Effects };
/** What was asked of an outside that takes everything, in order. */
const outside = new WeakMap<Store, string[]>();

/**
 * A duty that makes a request of the outside and writes a record at each of its steps. `at`: called before each request's `hold` (even points) and
 * before each write (odd points).
 */
export function effectsOf(
  store: Store,
  by: string,
  steps: number,
  at: (point: number) => Promise<void> | undefined = async () => {},
): Duty {
  return {
    name: "effects",
    summary: "Has effects",
    due: async (_, last = 0) => last + 86_400_000,
    async run(turn) {
      for (let step = 0; step < steps; step += 1) {
        await at(2 * step);
        await turn.hold();
        outside.set(store, [...(outside.get(store) ?? []), by]);
        await at(2 * step + 1);
        await turn.commit([store.collection(effects).put(`step-${step}`, { by })]);
      }
      return `${steps} steps.`;
    },
  };
}

effectsOf.read = async (store: Store) => ({
  written: (await store.collection(effects).list()).map(({ value }) => value.by),
  requests: outside.get(store) ?? [],
});
