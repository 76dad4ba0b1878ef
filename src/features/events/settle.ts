import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import type { Turn } from "../../kernel/duty.ts";
import { type Change, rewritten, type Stored } from "../../kernel/store.ts";
import type { Attempted } from "./attempt.ts";
import type { Deps } from "./deps.ts";
import { type Delivery, freshLane, type Lane, laneOf, lanes, waiting, waitingKey } from "./lanes.ts";
import { type EventForwarder, forwarders } from "./model.ts";
import { patienceMs, restMs, waitMs } from "./patience.ts";
import { mostAtOnce, committed, dying, forgetting } from "./upkeep.ts";

/** What a run has done. */
export interface Tally {
  delivered: number;
  failed: number;
  dead: number;
}

export function laneAfter(lane: Lane, { error, retryAfterMs }: Attempted, clock: Clock): Lane {
  const now = clock.now();
  if (error === undefined) return { ...freshLane, delivered: lane.delivered + 1, dropped: lane.dropped, last: rfc3339(now) };
  const failures = lane.failures + 1;
  return { ...lane, failures, error, until: now + restMs(failures, retryAfterMs) };
}

/** Writes down what came of a post, all at once. A kill before that sends it again, under the same id. */
export async function settled(
  deps: Deps,
  turn: Turn,
  forwarder: Stored<EventForwarder>,
  stored: Stored<Delivery>,
  lane: Stored<Lane>,
  tally: Tally,
): Promise<boolean> {
  const { store, clock } = deps;
  const [queue, now, { error }] = [store.collection(waiting), clock.now(), lane.value];
  const laneChange = (value: Lane): Change => store.collection(lanes).put(lane.key, value, lane.revision);
  if (error === undefined) {
    const done = await committed(turn, [queue.remove(stored.key, stored.revision), laneChange(lane.value)]);
    if (done) tally.delivered += 1;
    return done;
  }
  const isGone = error === "HTTP 410";
  const tried = { ...stored, value: { ...stored.value, attempts: stored.value.attempts + 1 } };
  const behind = (await queue.list(laneOf(forwarder.value.id), mostAtOnce)).filter((each) => each.key !== stored.key && isOld(each, now));
  const lost = isGone || isOld(stored, now) ? [tried, ...behind] : behind;
  const again = { ...tried.value, due: now + waitMs(tried.value.attempts), error };
  const forgotten = await forgetting(deps, forwarder.value, lost.length);
  const changes = [
    ...(lost.includes(tried) ? [] : rewritten(queue, stored, waitingKey(forwarder.value.id, again), again)),
    ...lost.flatMap((each) => dying(deps, forwarder.value, each, now, error)),
    ...forgotten,
    // It asks never to be called again.
    ...(isGone ? [store.collection(forwarders).put(forwarder.key, { ...forwarder.value, enabled: false }, forwarder.revision)] : []),
    laneChange({ ...lane.value, dropped: lane.value.dropped + forgotten.length }),
  ];
  if (!(await committed(turn, changes))) return false;
  tally.dead += lost.length;
  tally.failed += lost.includes(tried) ? 0 : 1;
  return true;
}

/** When a receiver fails, all that has waited for a day goes with what was just tried: it would be tried in vain. */
const isOld = ({ value }: Stored<Delivery>, now: number): boolean => value.since + patienceMs <= now;
