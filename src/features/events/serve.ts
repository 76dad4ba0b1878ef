import type { Turn } from "../../kernel/duty.ts";
import { isCode } from "../../kernel/errors.ts";
import type { Stored } from "../../kernel/store.ts";
import { attempt, type Attempted } from "./attempt.ts";
import { placeOf } from "./authentication.ts";
import type { Deps } from "./deps.ts";
import { findDestination } from "./find.ts";
import { type Delivery, type Lane, laneOf, waiting } from "./lanes.ts";
import { type EventForwarder } from "./model.ts";
import { dueAt, restsUntil } from "./patience.ts";
import { laneAfter, settled, type Tally } from "./settle.ts";
import { collect, makeRoom, mostAtOnce } from "./upkeep.ts";

/** What is left over after so long is due again at once. */
const runMs = 60_000;

/** One lane, in order, until its receiver fails: then all of it rests. */
export async function serve(deps: Deps, turn: Turn, forwarder: Stored<EventForwarder>, found: Stored<Lane>, tally: Tally): Promise<void> {
  const { store, clock } = deps;
  const isOver = (): boolean => turn.signal.aborted || clock.now() >= turn.began + runMs;
  if (isOver() || restsUntil(found.value, clock.now()) > clock.now()) return;
  let lane = await makeRoom(deps, turn, forwarder.value, found);
  let receiver: Receiver | string | undefined;
  try {
    for (;;) {
      const queue = await store.collection(waiting).list(laneOf(forwarder.value.id), mostAtOnce);
      const whole = forwarder.value.every === undefined ? queue : await collect(deps, turn, forwarder.value, queue);
      const due = whole.filter(({ value }) => dueAt(value, clock.now()) <= clock.now());
      if (due.length === 0) return;
      receiver ??= await receiverOf(deps, forwarder.value);
      for (const stored of due) {
        if (isOver()) return;
        await turn.hold();
        const came = typeof receiver === "string" ? { error: receiver } : await receiver.attempt(stored.value);
        const after = { ...lane, value: laneAfter(lane.value, came, clock) };
        if (!(await settled(deps, turn, forwarder, stored, after, tally)) || came.error !== undefined) return;
        lane = { ...after, revision: after.revision + 1 };
      }
    }
  } finally {
    if (typeof receiver === "object") receiver.close();
  }
}

interface Receiver {
  attempt(delivery: Delivery): Promise<Attempted>;
  close(): void;
}

/** Or why there is none: a destination that was edited leads nowhere, and holds up its own lane alone. */
async function receiverOf({ store, clock, webhook }: Deps, forwarder: EventForwarder): Promise<Receiver | string> {
  try {
    const { value: destination } = await findDestination(store, forwarder);
    const peer = (await webhook()).open(placeOf(destination));
    return { attempt: (delivery) => attempt(peer, destination, delivery, clock), close: () => peer.close() };
  } catch (error) {
    if (isCode(error, "conflict") || isCode(error, "usage")) return "the destination cannot be used";
    throw error;
  }
}
