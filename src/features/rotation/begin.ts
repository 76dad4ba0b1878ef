import { isCode } from "../../kernel/errors.ts";
import type { Change, Stored } from "../../kernel/store.ts";
import type { Engine, Manner } from "./deps.ts";
import { type Held, heldBy, intent, underWay, unfinished } from "./journal.ts";
import type { Phase, RotatedSecret, Work } from "./model.ts";

/** The journal first. `along`: what is committed with it. */
export async function begin(
  engine: Engine,
  manner: Manner,
  { key, value }: Pick<Stored<RotatedSecret>, "key" | "value">,
  along: readonly Change[],
  { phase, work }: { phase: Phase; work: Partial<Work> } = { phase: "staging", work: {} },
): Promise<Held> {
  const stand = { phase, work: { mark: engine.newMark(), retire: [], ...work } };
  const began = engine.clock.now();
  await manner.commit([intent(engine, key, value.id, stand), ...along]).catch(async (error: unknown) => {
    throw isCode(error, "conflict") && (await unfinished(engine, key)) !== undefined ? underWay(key) : error;
  });
  return heldBy(engine, manner, { key, revision: 1, value: { id: value.id, began } }, stand);
}
