import { UscError } from "../../kernel/errors.ts";
import { recordAt } from "../../kernel/find.ts";
import type { Change, Store, Stored } from "../../kernel/store.ts";
import { Content, type RotatedSecret, rotatedSecrets, type RotatedValue, rotatedValues } from "./model.ts";

export const findRotated = (store: Store, given: string): Promise<Stored<RotatedSecret>> =>
  recordAt(store, rotatedSecrets, given, "rotated-secret list");

const keyOf = ({ id }: { id: number }): string => String(id);

export interface Kept {
  content: Content;
  revision: number;
}

/** What is kept of an item beside its record. */
export async function contentOf(store: Store, item: RotatedSecret): Promise<Kept> {
  const stored = await store.collection(rotatedValues).get(keyOf(item));
  if (stored) return { content: Content().parse(JSON.parse(stored.value.content)), revision: stored.revision };
  throw new UscError("conflict", `The rotated secret ${item.name} is a damaged record: it has lost its value.`, {
    hint: "Delete it with --force-delete, and create it again.",
  });
}

export const contentPut = (store: Store, item: { id: number }, content: Content, ifRevision: number): Change =>
  store.collection(rotatedValues).put(keyOf(item), { content: JSON.stringify(content) } satisfies RotatedValue, ifRevision);

export const contentRemoved = (store: Store, item: { id: number }): Change => store.collection(rotatedValues).remove(keyOf(item));

/** The rotated secrets that use a target. */
export const rotatedOf =
  (store: Store) =>
  async (target: string): Promise<{ name: string; noun: string }[]> =>
    (await store.collection(rotatedSecrets).list())
      .filter(({ value }) => value["target-name"] === target)
      .map(({ key }) => ({ name: key, noun: "rotated secret" }));
