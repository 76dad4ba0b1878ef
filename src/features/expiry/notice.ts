import { rfc3339 } from "../../kernel/clock.ts";
import { durationOf, hourMs } from "../../kernel/duration.ts";
import type { Duty, Turn } from "../../kernel/duty.ts";
import { errorDocument, UscError } from "../../kernel/errors.ts";
import type { Stored } from "../../kernel/store.ts";
import { connectors } from "../connectors/model.ts";
import { forwarders } from "../events/model.ts";
import type { Happening } from "../events/port.ts";
import { wantedBy } from "../objects/find.ts";
import { patientLimitsOf } from "../objects/inputs.ts";
import { type Dated, isDated, typeOf } from "./dated.ts";
import type { NoticeDeps } from "./deps.ts";
import { type Round, rounds } from "./model.ts";

const periodMs = 6 * hourMs;
/** Events of one commit. */
const handful = 200;

/** Tells the forwarders, once of each date, that an object expires soon, and that it has expired. */
export function expiryNotice(deps: NoticeDeps): Duty {
  const { store, notifyBefore = "30d" } = deps;
  const withinMs = durationOf(notifyBefore, "notify-before");
  return {
    name: "expiring-objects",
    summary: `Tells the event forwarders of objects that expire within ${notifyBefore}, or have expired; every six hours`,
    // Nobody would hear it: who makes a forwarder wants to know of what expires from then on.
    due: async (_, last = 0) => ((await store.collection(forwarders).list()).length === 0 ? undefined : last + periodMs),
    async run(turn) {
      const failed: string[] = [];
      const names = (await store.collection(connectors).list()).map(({ key }) => key);
      let notices = 0;
      for (const name of names) {
        const round = await store.collection(rounds).get(name);
        if (round !== undefined && isDone(round.value, turn)) continue;
        try {
          notices += await goRound(deps, turn, name, round, withinMs);
        } catch (error) {
          turn.signal.throwIfAborted();
          failed.push(`${name} (${errorDocument(error).code})`);
        }
      }
      const gone = (await store.collection(rounds).list()).filter(({ key }) => !names.includes(key));
      await turn.commit(gone.map(({ key }) => store.collection(rounds).remove(key)));
      if (failed.length === 0) return `${notices} notices, from ${names.length} connectors.`;
      throw new UscError(
        "partial",
        `Of ${names.length} connectors ${failed.length} could not be looked at: ${failed.slice(0, 10).join(", ")}.`,
      );
    },
  };
}

/** It was looked at by a run that failed at another connector. */
const isDone = ({ began }: Round, turn: Turn): boolean =>
  began > (turn.last ?? 0) && began <= turn.began && turn.began - began < periodMs / 2;

/** Events and what is told go into one commit: killed anywhere, nothing is told twice or left out. */
async function goRound(deps: NoticeDeps, turn: Turn, name: string, before: Stored<Round> | undefined, withinMs: number): Promise<number> {
  const collection = deps.store.collection(rounds);
  const known = before?.value.told ?? {};
  const near = await nearOf(deps, turn, name, turn.began + withinMs);
  const isOld = (item: Dated): boolean => isTold(known[keyOf(item)], item, turn.began);
  const news = near.filter((item) => !isOld(item));
  let told = noticesOf(near.filter(isOld), turn.began);
  let revision = before?.revision ?? 0;
  for (let at = 0; at === 0 || at < news.length; at += handful) {
    const some = news.slice(at, at + handful);
    told = { ...told, ...noticesOf(some, turn.began) };
    // Until the last handful is told the round is not a whole one.
    const began = at + handful >= news.length ? turn.began : (before?.value.began ?? 0);
    const events = await deps.outbox(some.map((item) => happening(name, item, turn.began)));
    await turn.commit([collection.put(name, { began, told }, revision), ...events]);
    revision += 1;
  }
  return news.length;
}

/** What expires until then, or has expired; what is disabled nobody uses. */
async function nearOf({ adapter, clock, openVault }: NoticeDeps, turn: Turn, name: string, until: number): Promise<Dated[]> {
  await turn.hold();
  const vault = await openVault(name, patientLimitsOf(clock, {}));
  const isWanted = wantedBy({ managed: true });
  const found: Dated[] = [];
  for await (const { items } of adapter.pages(vault)) {
    found.push(
      ...items
        .filter(isWanted)
        .filter(isDated)
        .filter((item) => item.enabled && item.expires <= until),
    );
    turn.signal.throwIfAborted();
    await turn.hold();
  }
  return found;
}

const keyOf = (item: Dated): string => `${typeOf(item)}/${item.name}`;

const noticesOf = (items: readonly Dated[], now: number): Round["told"] =>
  Object.fromEntries(items.map((item) => [keyOf(item), { expires: item.expires, stage: item.expires <= now ? "expired" : "pending" }]));

const isTold = (known: Round["told"][string] | undefined, item: Dated, now: number): boolean =>
  known?.expires === item.expires && (known.stage === "expired" || item.expires > now);

function happening(connector: string, item: Dated, now: number): Happening {
  const type = typeOf(item);
  const date = rfc3339(item.expires);
  const isPast = item.expires <= now;
  return {
    type: isPast ? `${type}-expired` : `${type}-pending-expiration`,
    source: { kind: "item", name: connector },
    payload: {
      event_message: `The ${type} ${item.name} of ${connector} ${isPast ? "expired" : "expires"} at ${date}.`,
      object_name: item.name,
      date,
    },
  };
}
