import * as z from "zod/mini";
import { rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { choice, optionalText } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { pageToken } from "../../kernel/page.ts";
import { present } from "../../kernel/present.ts";
import { onSystem } from "../../kernel/rights.ts";
import type { Deps } from "./deps.ts";
import { findForwarder } from "./find.ts";
import { nameField } from "./inputs.ts";
import { dead, deadKey, type Delivery, laneOf, waiting, waitingKey } from "./lanes.ts";

const states = ["waiting", "dead"] as const;
type State = (typeof states)[number];
const kinds = { waiting, dead };
/** Of one call: nobody else has to wait long meanwhile. */
const most = 1000;

export const deliveries = ({ store }: Deps) =>
  operation({
    name: "event-forwarder deliveries",
    summary: "Lists what an event forwarder has still to tell, and what it gave up",
    example: "event-forwarder deliveries --name /ops --state dead -o table",
    notes:
      "What waits, soonest first; then what is dead, oldest first; a thousand at once. `last_error` is a status or a kind of failure, never what the receiver said.",
    effect: "read",
    needs: [onSystem("read", "/events")],
    input: () =>
      z.object({
        name: nameField(),
        state: choice("Only these (default: both)", states),
        "pagination-token": pageToken(),
      }),
    output: () =>
      z.object({
        deliveries: z.array(
          z.object({
            delivery_id: z.string(),
            state: z.enum(states),
            event_types: z.array(z.string()),
            items: z.array(z.string()),
            attempts: z.int(),
            since: z.string(),
            /** Of a waiting one, where nothing holds up the whole forwarder. */
            next_attempt: z.optional(z.string()),
            died: z.optional(z.string()),
            last_error: z.optional(z.string()),
          }),
        ),
        next_page: z.string(),
      }),
    run: async ({ name, state, "pagination-token": token }) => {
      const { value: forwarder } = await findForwarder(store, name);
      const [from, after] = placeOf(token);
      const rows: { key: string; row: Row }[] = [];
      for (const each of states.slice(states.indexOf(from))) {
        if (state !== undefined && each !== state) continue;
        const page = await store
          .collection(kinds[each])
          .list(laneOf(forwarder.id), most + 1 - rows.length, each === from ? after : undefined);
        rows.push(...page.map(({ key, value }) => ({ key: `${each} ${key}`, row: rowOf(each, value) })));
      }
      const last = rows.length > most ? rows[most - 1] : undefined;
      return {
        deliveries: rows.slice(0, most).map(({ row }) => row),
        next_page: last === undefined ? "" : Buffer.from(last.key).toString("base64url"),
      };
    },
  });

/** Where a list goes on: a state, and the key behind which. */
function placeOf(token = ""): [from: State, after: string | undefined] {
  const [from, after] = Buffer.from(token, "base64url").toString().split(" ", 2);
  return [states.find((each) => each === from) ?? "waiting", after];
}

type Row = ReturnType<typeof rowOf>;
const rowOf = (state: State, { id, events, attempts, since, due, error }: Delivery) => ({
  delivery_id: id,
  state,
  event_types: [...new Set(events.map(({ type }) => type))],
  items: [...new Set(events.map(({ source }) => source.name))],
  attempts,
  since: rfc3339(since),
  [state === "waiting" ? "next_attempt" : "died"]: rfc3339(due),
  ...present({ last_error: error }),
});

export const redeliver = ({ store, clock }: Deps) =>
  operation({
    name: "event-forwarder redeliver",
    summary: "Lets dead deliveries be tried again",
    example: "event-forwarder redeliver --name /ops",
    notes:
      "The oldest thousand; `left` says how many are dead still. They keep their ids: a receiver that has had one of them all the same knows it again. A forwarder whose receiver has just failed rests first, for five minutes at most unless the receiver asked for more.",
    effect: "write",
    needs: [onSystem("update", "/events")],
    input: () => z.object({ name: nameField(), "delivery-id": optionalText("Only this one (default: all that are dead)") }),
    output: () => z.object({ redelivered: z.int(), left: z.int() }),
    run: async ({ name, "delivery-id": wanted }) => {
      const { value: forwarder } = await findForwarder(store, name);
      const [lane, given] = [store.collection(waiting), store.collection(dead)];
      const found =
        wanted === undefined
          ? await given.list(laneOf(forwarder.id), most)
          : [await given.get(deadKey(forwarder.id, { id: wanted }))].filter((each) => each !== undefined);
      if (found.length === 0 && wanted !== undefined) {
        throw new UscError("not_found", `The event forwarder ${forwarder.name} has no such dead delivery.`, {
          hint: `\`usc event-forwarder deliveries --name ${forwarder.name} --state dead\` shows what there is.`,
        });
      }
      const now = clock.now();
      await store.commit(
        found.flatMap(({ key, value, revision }) => {
          const again: Delivery = { ...value, since: now, due: now, attempts: 0, collected: true };
          return [given.remove(key, revision), lane.put(waitingKey(forwarder.id, again), again, 0)];
        }),
      );
      return { redelivered: found.length, left: await given.count(laneOf(forwarder.id)) };
    },
  });
