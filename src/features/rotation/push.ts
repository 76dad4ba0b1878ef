import { credible } from "../../kernel/clock.ts";
import { errorDocument, isCode, UscError } from "../../kernel/errors.ts";
import type { Change, Store } from "../../kernel/store.ts";
import {
  type Associated,
  type Association,
  associationAt,
  associations,
  associationsOf,
  forgotten,
  itemOf,
  type Place,
  placeName,
  written,
} from "./associations.ts";
import type { Engine } from "./deps.ts";
import { filtered } from "./filter.ts";
import { findRotated } from "./find.ts";
import type { Held } from "./journal.ts";
import { rotatedSecrets } from "./model.ts";
import { restAfter, restOf } from "./schedule.ts";
import { valueOf } from "./value.ts";

/**
 * Who dies, or is paused, keeps others from an association no longer than this. Longer than a look and a write; shorter than what is left of a
 * rotation's own hold, so that who goes on with a rotation finds its associations free.
 */
export const holdMs = 30_000;

/** What there is to do for associations, and when: epoch milliseconds. */
export async function pushes({ store, clock }: Engine): Promise<{ key: string; at: number }[]> {
  const all = await store.collection(associations).list();
  if (all.length === 0) return [];
  const versions = new Map((await store.collection(rotatedSecrets).list()).map(({ value }) => [value.id, value.version]));
  return all
    .filter(({ value: { item, leaving, pushed } }) => leaving || pushed < (versions.get(item) ?? 0))
    .map(({ key, value }) => ({ key, at: Math.max(credible(value.until, clock.now(), holdMs), restOf(value, clock.now())) }));
}

/** Before the requests of one association: throws when it should stop, or another process has taken over. */
type Before = (doing: string) => Promise<void>;

/** After a rotation, before the old credential goes: whoever reads it in a vault is to find the new one. What fails there is told and tried again later. */
export async function pushAll(engine: Engine, held: Held): Promise<void> {
  const { value: item } = await findRotated(engine.store, held.path);
  for (const { key, value } of await associationsOf(engine.store, item)) {
    if (value.pushed >= item.version && !value.leaving) continue;
    const claimed = await claim(engine, key);
    const error = claimed && (await attend(engine, (doing) => held.hold(doing), claimed));
    if (claimed && error) engine.warn(`${sentenceOf(claimed.place)} ${error.message}`);
  }
}

const sentenceOf = (place: Place): string => `${place["item-name"]} could not be synced to ${placeName(place)}:`;

/** Takes an association for this process; undefined where another is at work on it, or it is gone. */
export async function claim({ store, clock }: Engine, key: string): Promise<Associated | undefined> {
  const found = await associationAt(store, key);
  if (found === undefined || isHeld(found.value, clock.now())) return undefined;
  const value = { ...found.value, until: clock.now() + holdMs };
  try {
    await store.commit([store.collection(associations).put(key, value, found.revision)]);
    return { ...found, value, revision: found.revision + 1 };
  } catch (error) {
    if (isCode(error, "conflict") || isCode(error, "not_found")) return undefined;
    throw error;
  }
}

export const isHeld = ({ until }: Association, now: number): boolean => credible(until, now, holdMs) > now;

export const busy = (place: Place, leftMs = holdMs): UscError =>
  new UscError("conflict", `Another process is at work on ${placeName(place)}.`, {
    hint: "If that one has died, repeat the command after the time that `retry_after` tells.",
    retryAfter: Math.ceil(leftMs / 1000),
  });

/** Does for one what is to be done, and writes down how it went. Gives what failed. */
export async function attend(engine: Engine, before: Before, claimed: Associated): Promise<UscError | undefined> {
  const error = await carry(engine, before, claimed);
  if (error !== undefined) await note(engine, claimed, error);
  return error;
}

/** The same, but a failure is left to the caller, with the association still claimed. */
export async function carry(engine: Engine, before: Before, claimed: Associated): Promise<UscError | undefined> {
  const { store } = engine;
  const { place, key } = claimed;
  try {
    await before(`${claimed.value.leaving ? "Removing" : "Writing"} ${placeName(place)}`);
  } catch (error) {
    await commitAsHolder(store, claimed, [store.collection(associations).put(key, { ...claimed.value, until: 0 }, claimed.revision)]);
    throw error;
  }
  try {
    if (claimed.value.leaving) await takeAway(engine, claimed);
    else if ((await put(engine, claimed)).isOld) {
      const again = await claim(engine, key);
      if (again !== undefined) return await attend(engine, before, again);
    }
    return undefined;
  } catch (error) {
    if (error instanceof UscError) return error;
    // A bug of ours is no reason to hold a rotation up; what it says of itself is its class alone.
    const { error: sentence, code } = errorDocument(error);
    return new UscError(code, sentence);
  }
}

/** `isOld`: who has rotated it meanwhile found the association taken. */
async function put({ store, remote }: Engine, claimed: Associated): Promise<{ isOld: boolean }> {
  const { place } = claimed;
  const item = await itemOf(store, place);
  // Its associations are gone with it.
  if (item === undefined) return { isOld: false };
  const value = filtered(await valueOf(store, item), place.filter);
  const id = await (await remote()).put(place["usc-name"], place.name, value);
  const { "last-error": _, rest: __, ...kept } = claimed.value;
  const now: Association = { ...kept, "secret-id": id, pushed: item.version, failures: 0, until: 0 };
  const where = { ...place, "item-name": item.name };
  await commitAsHolder(store, claimed, written(store, where, now, claimed.revision));
  return { isOld: ((await itemOf(store, where))?.version ?? 0) > item.version };
}

async function takeAway({ store, remote }: Engine, { place, key, revision }: Associated): Promise<void> {
  await (await remote()).remove(place["usc-name"], place.name);
  await store.commit(forgotten(store, key, revision));
}

/** What a failure leaves behind: a sentence, an event, and a rest. */
export async function note({ store, clock, outbox }: Engine, claimed: Associated, error: UscError): Promise<void> {
  const { place, value, revision, key } = claimed;
  const item = await itemOf(store, place);
  if (item === undefined) return;
  const { error: sentence, code, retry_after: after = 0 } = errorDocument(error);
  const failures = value.failures + 1;
  const events = await outbox([
    {
      type: "secret-sync",
      source: { kind: "item", name: item.name },
      payload: {
        event_message: `${sentenceOf({ ...place, "item-name": item.name })} ${sentence}`,
        object_name: place.name,
        version: String(item.version),
        code,
      },
    },
  ]);
  const rest = clock.now() + restAfter(failures, after * 1000);
  const noted: Association = { ...value, until: 0, failures, rest, "last-error": sentence };
  await commitAsHolder(store, claimed, [store.collection(associations).put(key, noted, revision), ...events]);
}

/**
 * Who was paused so long that another took the association over may have written an old value over a newer one: then nobody knows what stands there,
 * and it is looked at again.
 */
async function commitAsHolder(store: Store, { key }: Associated, changes: readonly Change[]): Promise<void> {
  const isLost = (error: unknown): boolean => isCode(error, "conflict") || isCode(error, "not_found");
  try {
    await store.commit(changes);
  } catch (error) {
    if (!isLost(error)) throw error;
    for (let now = await associationAt(store, key); now !== undefined; now = await associationAt(store, key)) {
      const doubtful = store.collection(associations).put(key, { ...now.value, pushed: 0 }, now.revision);
      const done = await store.commit([doubtful]).then(
        () => true,
        (second: unknown) => (isLost(second) ? false : Promise.reject(second)),
      );
      if (done) return;
    }
  }
}
