import type { Change } from "../../kernel/store.ts";
import type { Engine } from "./deps.ts";
import { contentOf, contentPut, findRotated } from "./find.ts";
import { type Held, onceMore, type Stand } from "./journal.ts";
import { type Content, type RotatedSecret, rotatedSecrets, type Work } from "./model.ts";

/** Key ids of what stands beside the current credential. `made`: the one that becomes current. */
export const spareKeys = ({ old = [], next }: Content, made?: string): string[] => [
  ...old,
  ...(next === undefined || next.keyId === made ? [] : [next.keyId]),
];

/** What was removed, or has become current, is spare no more. */
export function withoutSpare(item: RotatedSecret, content: Content): [RotatedSecret, Content] {
  const { spare: _, ...rest } = item;
  const { old: __, next: ___, ...kept } = content;
  return [rest, kept];
}

/** Nothing becomes current: the next one is made, or the spare one is removed, which has made nothing. */
export const isHalf = ({ phase, work: { ahead, made } }: Stand): boolean => ahead === true || (phase === "retiring" && made === undefined);

/** Of what a rotation has replaced: what goes now, and what is kept for the time of grace. */
export function shared(item: RotatedSecret, content: Content, { retire, made }: Work): { now: string[]; old: string[] } {
  if (item.grace?.timing !== "after") return { now: retire, old: [] };
  const spare = spareKeys(content, made?.keyId);
  return { now: retire.filter((keyId) => spare.includes(keyId)), old: retire.filter((keyId) => !spare.includes(keyId)) };
}

/** What was made ahead of the date has logged in: it is kept, and the rotation is over. */
export async function keepAhead({ store }: Engine, held: Held): Promise<void> {
  const { made } = held.stand.work;
  if (made?.keyId === undefined) throw new TypeError("a staged rotation has made something");
  const next = { keyId: made.keyId, secret: made.secret };
  await onceMore(held, async () => {
    const { value, revision } = await findRotated(store, held.path);
    const { content, revision: of } = await contentOf(store, value);
    const changed: RotatedSecret = { ...well(value), spare: "next" };
    await held.close([
      store.collection(rotatedSecrets).put(held.path, changed, revision),
      contentPut(store, value, { ...content, next }, of),
    ]);
  });
}

/** The spare one was removed: nothing is left to do. */
export async function forgetSpare({ store }: Engine, held: Held): Promise<Change[]> {
  const { value, revision } = await findRotated(store, held.path);
  const { content, revision: of } = await contentOf(store, value);
  const [item, kept] = withoutSpare(well(value), content);
  return [store.collection(rotatedSecrets).put(held.path, item, revision), contentPut(store, value, kept, of)];
}

/** What a success makes of an item that had failed. */
export function well(item: RotatedSecret): RotatedSecret {
  const { "last-error": _, rest: __, ...rest } = item;
  return { ...rest, status: "ok", failures: 0 };
}
