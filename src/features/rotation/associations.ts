import * as z from "zod/mini";
import { UscError } from "../../kernel/errors.ts";
import { once } from "../../kernel/once.ts";
import type { Change, RecordKind, Store, Stored } from "../../kernel/store.ts";
import { connectors } from "../connectors/model.ts";
import { type RotatedSecret, rotatedSecrets } from "./model.ts";

/**
 * Terminology
 *   association  that the value of a rotated secret is kept in a connector's vault as well: every new one is written there
 */
const Association = once(() => {
  const whole = z.int();
  return z.object({
    id: whole,
    /** The rotated secret's number, which stays when it moves. */
    item: whole,
    /** The version that was seen to stand there; 0: none, or nobody knows. */
    pushed: whole,
    /** A process is at work on it until then, unless it has died: epoch milliseconds. */
    until: z.number(),
    /** It ends, and takes the remote secret with it. */
    leaving: z.boolean(),
    "secret-id": z.optional(z.string()),
    /** A sentence, without values. */
    "last-error": z.optional(z.string()),
    /** In a row. */
    failures: whole,
    /** Until when it is left alone after a failure: epoch milliseconds. */
    rest: z.optional(z.number()),
  });
});
export type Association = z.infer<ReturnType<typeof Association>>;

/** Keyed by the connector's number and the remote secret's name, in lower case: what two items wrote there would be neither's. */
export const associations: RecordKind<Association> = { name: "associations", noun: "association", schema: Association };
export const keyOf = ({ usc, name }: Pick<Place, "usc" | "name">): string => `${usc}/${name.toLowerCase()}`;

const Place = once(() =>
  z.object({
    /** The rotated secret's number, and the path that it had. */
    item: z.int(),
    "item-name": z.string(),
    /** The connector's. */
    usc: z.int(),
    "usc-name": z.string(),
    /** Of the remote secret. */
    name: z.string(),
    filter: z.optional(z.string()),
    "delete-remote": z.boolean(),
  }),
);
export type Place = z.infer<ReturnType<typeof Place>>;

export const placeName = ({ name, "usc-name": usc }: Place): string => `${name} of ${usc}`;

const Sealed = once(() => z.object({ place: z.string() }));

/** `place` is `Place` as JSON. What goes where is sealed: an edited place would lead a value elsewhere. */
const places: RecordKind<z.infer<ReturnType<typeof Sealed>>> = {
  name: "association-places",
  noun: "place of the association",
  schema: Sealed,
  sealed: ["place"],
};

export interface Associated extends Stored<Association> {
  place: Place;
}

export async function associationAt(store: Store, key: string): Promise<Associated | undefined> {
  const stored = await store.collection(associations).get(key);
  return stored === undefined ? undefined : withPlace(store, stored);
}

async function withPlace(store: Store, stored: Stored<Association>, paths = pathsOf(store)): Promise<Associated> {
  const sealed = await store.collection(places).get(stored.key);
  const place = sealed && Place().parse(JSON.parse(sealed.value.place));
  if (place === undefined || place.item !== stored.value.item || keyOf(place) !== stored.key) {
    throw new UscError("conflict", `The association ${stored.key} is a damaged record.`, {
      hint: "`usc state restore` brings back a copy.",
    });
  }
  const usual = await store.collection(connectors).get(place["usc-name"]);
  const path = usual?.value.id === place.usc ? usual.key : (await paths()).get(place.usc);
  return { ...stored, place: { ...place, "usc-name": path ?? place["usc-name"] } };
}

/** Of connectors, by their numbers: asked for once, when one was moved. */
const pathsOf = (store: Store) =>
  once(async () => new Map((await store.collection(connectors).list()).map(({ key, value }) => [value.id, key])));

/** By the number of the item. */
export async function allAssociations(store: Store): Promise<Map<number, Associated[]>> {
  const paths = pathsOf(store);
  const all = new Map<number, Associated[]>();
  for (const stored of await store.collection(associations).list()) {
    const { item } = stored.value;
    all.set(item, [...(all.get(item) ?? []), await withPlace(store, stored, paths)]);
  }
  return all;
}

export async function associationsOf(store: Store, { id }: { id: number }): Promise<Associated[]> {
  return placed(
    store,
    (await store.collection(associations).list()).filter(({ value }) => value.item === id),
  );
}

/** The associations that lead to a connector's vault. */
export async function associationsTo(store: Store, usc: number): Promise<Associated[]> {
  return placed(store, await store.collection(associations).list(`${usc}/`));
}

async function placed(store: Store, all: readonly Stored<Association>[]): Promise<Associated[]> {
  const paths = pathsOf(store);
  return Promise.all(all.map((stored) => withPlace(store, stored, paths)));
}

export const written = (store: Store, place: Place, value: Association, revision: number): Change[] => [
  store.collection(associations).put(keyOf(place), value, revision),
  store.collection(places).put(keyOf(place), { place: JSON.stringify(place) }),
];

/** With `revision`: only if nobody has changed it since. */
export const forgotten = (store: Store, key: string, revision?: number): Change[] => [
  store.collection(associations).remove(key, revision),
  store.collection(places).remove(key),
];

/** The rotated secret of an association, wherever it was moved. */
export async function itemOf(store: Store, { item, "item-name": path }: Place): Promise<RotatedSecret | undefined> {
  const collection = store.collection(rotatedSecrets);
  const usual = (await collection.get(path))?.value;
  return usual?.id === item ? usual : (await collection.list()).find(({ value }) => value.id === item)?.value;
}

/** For the commit that forgets an item. */
export async function endedWith(store: Store, { id }: { id: number }): Promise<Change[]> {
  const all = await store.collection(associations).list();
  return all.filter(({ value }) => value.item === id).flatMap(({ key }) => forgotten(store, key));
}
