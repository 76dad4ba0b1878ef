import type { Duty, Turn } from "../../kernel/duty.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import type { Deps } from "./deps.ts";
import { freshLane, type Lane, laneOf, lanes, waiting } from "./lanes.ts";
import { type EventForwarder, forwarders } from "./model.ts";
import { dueAt, restsUntil } from "./patience.ts";
import { serve } from "./serve.ts";
import type { Tally } from "./settle.ts";
import { sweep, sweptAt } from "./upkeep.ts";

const lanesAtOnce = 16;

export const eventDelivery = (deps: Deps): Duty => ({
  name: "event-delivery",
  summary: "Tells the receivers of event forwarders what has happened",
  due: (now) => nextDue(deps.store, now),
  run: (turn) => run(deps, turn),
});

async function nextDue(store: Store, now: number): Promise<number | undefined> {
  const known = new Map((await store.collection(lanes).list()).map(({ key, value }) => [key, value]));
  const dues = [...known.values()].filter(({ ended }) => ended !== undefined).map(sweptAt);
  for (const { value } of await store.collection(forwarders).list()) {
    const [head] = value.enabled ? await store.collection(waiting).list(laneOf(value.id), 1) : [];
    if (head !== undefined) dues.push(Math.max(dueAt(head.value, now), restsUntil(known.get(String(value.id)) ?? freshLane, now)));
  }
  return dues.length === 0 ? undefined : Math.min(...dues);
}

async function run(deps: Deps, turn: Turn): Promise<string> {
  const { store } = deps;
  await sweep(deps, turn);
  const known = new Map((await store.collection(lanes).list()).map((lane) => [lane.key, lane]));
  const laneAt = ({ id }: EventForwarder): Stored<Lane> => known.get(String(id)) ?? { key: String(id), value: freshLane, revision: 0 };
  const queue = (await store.collection(forwarders).list())
    .filter(({ value }) => value.enabled)
    .map((forwarder) => ({ forwarder, lane: laneAt(forwarder.value) }))
    // Receivers that do well are not kept waiting by those that do not.
    .sort((one, two) => one.lane.value.failures - two.lane.value.failures);
  const tally: Tally = { delivered: 0, failed: 0, dead: 0 };
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await serve(deps, turn, next.forwarder, next.lane, tally);
  };
  const ends = await Promise.allSettled(Array.from({ length: lanesAtOnce }, worker));
  const failure = ends.find((end) => end.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return `${tally.delivered} delivered, ${tally.failed} failed and wait, ${tally.dead} given up.`;
}
