import { hourMs } from "../../kernel/duration.ts";
import type { Turn } from "../../kernel/duty.ts";
import { isCode } from "../../kernel/errors.ts";
import type { Change, Store, Stored } from "../../kernel/store.ts";
import type { Deps } from "./deps.ts";
import { dead, deadKey, type Delivery, type Lane, laneOf, lanes, newId, waiting, waitingKey } from "./lanes.ts";
import { type EventForwarder } from "./model.ts";
import { dueAt } from "./patience.ts";

/** Deliveries that a forwarder keeps waiting, and dead ones that it keeps: beyond that the oldest die, and are forgotten. */
const most = 10_000;
/** Records that are read and written at once, and events of one post: nobody else has to wait long meanwhile. */
export const mostAtOnce = 200;

/** False where a record has moved meanwhile: somebody else has seen to it. Also where the turn is lost, of which the next `hold` tells. */
export async function committed(turn: Turn, changes: readonly Change[]): Promise<boolean> {
  try {
    await turn.commit(changes);
    return true;
  } catch (error) {
    if (!isCode(error, "conflict") && !isCode(error, "not_found")) throw error;
    return false;
  }
}

/** What takes a delivery out of the lane for good. */
export const dying = ({ store }: Pick<Deps, "store">, forwarder: EventForwarder, stored: Stored<Delivery>, now: number, error: string) => [
  store.collection(waiting).remove(stored.key, stored.revision),
  store.collection(dead).put(deadKey(forwarder.id, stored.value), { ...stored.value, due: now, error }),
];

/** What of the dead is forgotten, the oldest, so that so many more can be kept. */
export async function forgetting({ store }: Pick<Deps, "store">, { id }: EventForwarder, coming: number): Promise<Change[]> {
  if (coming === 0) return [];
  const kept = store.collection(dead);
  const surplus = (await kept.count(laneOf(id))) + coming - most;
  return surplus <= 0 ? [] : (await kept.list(laneOf(id), surplus)).map(({ key }) => kept.remove(key));
}

/** Where too many wait, those die that have been due the longest. Gives the lane as it stands then. */
export async function makeRoom(deps: Deps, turn: Turn, forwarder: EventForwarder, lane: Stored<Lane>): Promise<Stored<Lane>> {
  const queue = deps.store.collection(waiting);
  const count = (await queue.count(laneOf(forwarder.id))) - most;
  if (count <= 0) return lane;
  const surplus = await queue.list(laneOf(forwarder.id), Math.min(count, mostAtOnce));
  const [now, error] = [deps.clock.now(), `more than ${most} were waiting`];
  const forgotten = await forgetting(deps, forwarder, surplus.length);
  const value = { ...lane.value, dropped: lane.value.dropped + forgotten.length };
  const changes = [
    ...surplus.flatMap((stored) => dying(deps, forwarder, stored, now, error)),
    ...forgotten,
    deps.store.collection(lanes).put(lane.key, value, lane.revision),
  ];
  if (!(await committed(turn, changes))) return lane;
  return makeRoom(deps, turn, forwarder, { ...lane, value, revision: lane.revision + 1 });
}

/** The events of a period that is over become one delivery each few: from then on its id stays what it is. */
export async function collect(
  { store, clock }: Deps,
  turn: Turn,
  forwarder: EventForwarder,
  queue: readonly Stored<Delivery>[],
): Promise<Stored<Delivery>[]> {
  const now = clock.now();
  const lane = store.collection(waiting);
  const isLoose = ({ value }: Stored<Delivery>): boolean => dueAt(value, now) <= now && value.attempts === 0 && value.collected !== true;
  const loose = queue.filter(isLoose);
  const made: Stored<Delivery>[] = [];
  for (let at = 0; at < loose.length; at += mostAtOnce) {
    const together = loose.slice(at, at + mostAtOnce);
    const events = together.flatMap(({ value }) => value.events);
    const value: Delivery = { id: newId(now, at), events, since: now, due: now, attempts: 0, collected: true };
    const key = waitingKey(forwarder.id, value);
    const changes = [...together.map((stored) => lane.remove(stored.key, stored.revision)), lane.put(key, value, 0)];
    if (await committed(turn, changes)) made.push({ key, value, revision: 1 });
  }
  return [...made, ...queue.filter((stored) => !isLoose(stored))];
}

/** What a deleted forwarder's last events have left, by whoever had still seen it. */
export async function sweep({ store, clock }: Deps, turn: Turn): Promise<void> {
  const ended = (await store.collection(lanes).list()).filter(({ value }) => value.ended !== undefined);
  for (const { key, value, revision } of ended) {
    const left = await clearing(store, Number(key), mostAtOnce);
    const over = sweptAt(value) <= clock.now() && left.length === 0 ? [store.collection(lanes).remove(key, revision)] : [];
    await committed(turn, [...left, ...over]);
  }
}

/** What takes away all that waits or is dead; of each the first `limit`. */
export async function clearing(store: Store, forwarder: number, limit?: number): Promise<Change[]> {
  const changes = [waiting, dead].map(async (kind) => {
    const collection = store.collection(kind);
    return (await collection.list(laneOf(forwarder), limit)).map(({ key }) => collection.remove(key));
  });
  return (await Promise.all(changes)).flat();
}

/** When nobody can have seen the forwarder any more. */
export const sweptAt = ({ ended = 0 }: Lane): number => ended + hourMs;
