import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { hourMs } from "../../kernel/duration.ts";
import { covers } from "../../kernel/paths.ts";
import type { Store } from "../../kernel/store.ts";
import { newId, waiting, waitingKey } from "./lanes.ts";
import { type Event, type EventForwarder, forwarders } from "./model.ts";
import type { Happening, Outbox } from "./port.ts";

const mostMessage = 1000;

export function outbox({ store, clock }: { store: Store; clock: Clock }): Outbox {
  return async (happened) => {
    if (happened.length === 0) return [];
    const now = clock.now();
    const listening = (await store.collection(forwarders).list()).map(({ value }) => value).filter(({ enabled }) => enabled);
    return happened.flatMap((happening, at) => {
      const event = eventOf(happening, now, at);
      return listening
        .filter((forwarder) => isFor(forwarder, event))
        .map((forwarder) => {
          const delivery = { id: event.id, events: [event], since: now, due: dueAt(forwarder, now), attempts: 0 };
          return store.collection(waiting).put(waitingKey(forwarder.id, delivery), delivery, 0);
        });
    });
  };
}

const eventOf = ({ type, source, payload }: Happening, now: number, at: number): Event => ({
  id: newId(now, at),
  type,
  time: rfc3339(now),
  source,
  payload: { ...payload, event_message: payload.event_message.slice(0, mostMessage) },
});

function isFor({ types, items, targets }: EventForwarder, { type, source }: Pick<Event, "type" | "source">): boolean {
  if (types.length > 0 && !types.some((each) => each === type)) return false;
  if (items.length === 0 && targets.length === 0) return true;
  return { item: items, target: targets }[source.kind].some((location) => covers(location, source.name));
}

/** At once, or at the end of the period: periods are counted from the forwarder's making. */
function dueAt({ every, "created-at": created }: EventForwarder, now: number): number {
  if (every === undefined) return now;
  const [began, period] = [Date.parse(created), every * hourMs];
  return began + (Math.floor((now - began) / period) + 1) * period;
}
