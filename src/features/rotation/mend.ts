import { isCode } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { begin } from "./begin.ts";
import type { Engine, Manner } from "./deps.ts";
import { contentOf, findRotated } from "./find.ts";
import type { Held } from "./journal.ts";
import { rotatedSecrets } from "./model.ts";

const mostTries = 20;
const betweenMs = 3000;

/**
 * While we were about to change a credential in its place, another process took the rotation over and brought it to its end: what it has stored may be
 * worth nothing since. A rotation of its own is to set that value once more, or to make current the one that works. None, where somebody is at work on
 * the item for a minute, or it is gone.
 */
export async function beginMending(engine: Engine, { path, pause }: Held): Promise<Held | undefined> {
  const { store, rotators } = engine;
  // It is not to be stopped by what has ended: the turn of a duty is lost together with the rotation.
  const manner: Manner = { at: async () => {}, pause, commit: (changes) => store.commit(changes) };
  for (let tries = 0; tries < mostTries; tries += 1) {
    const item = await findRotated(store, path);
    const [current] = (await contentOf(store, item.value)).content.versions;
    const { is } = await rotators[item.value["rotator-type"]]();
    if (current !== undefined) {
      const made = is === "given" ? { secret: current.secret } : undefined;
      const stand = { phase: "replacing", work: present({ made }) } as const;
      const begun = await begin(engine, manner, item, [store.collection(rotatedSecrets).touch(path, item.revision)], stand).catch(orNone);
      if (begun !== undefined) return begun;
    }
    await pause(betweenMs);
  }
  return undefined;
}

/** Somebody is at work on it, or has just changed it. */
function orNone(error: unknown): undefined {
  if (!isCode(error, "conflict")) throw error;
}
