import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import type { RecordKind } from "../../kernel/store.ts";
import { Event } from "./model.ts";

/**
 * Terminology
 *   delivery  what one forwarder has to tell: an event, or those of a period together. It keeps its id until it has arrived, or is dead
 *   lane      the deliveries of one forwarder, and how its receiver has been doing; lanes never wait for each other
 */
const Delivery = once(() =>
  z.object({
    id: z.string(),
    events: z.array(Event()),
    /** Since when it is tried, epoch milliseconds. */
    since: z.number(),
    /** When it is tried next; of a dead one: when it died. */
    due: z.number(),
    attempts: z.int(),
    /** Why the last attempt failed: a status or a kind of failure, never what the receiver said. */
    error: z.optional(z.string()),
    /** The events of a period: its id is out, so none joins it any more. */
    collected: z.optional(z.boolean()),
  }),
);
export type Delivery = z.infer<ReturnType<typeof Delivery>>;

const Lane = once(() =>
  z.object({
    /** In a row. */
    failures: z.int(),
    /** Nothing is sent before, epoch milliseconds. */
    until: z.number(),
    delivered: z.int(),
    /** RFC 3339. */
    last: z.optional(z.string()),
    /** Why the last attempt failed, until one succeeds. */
    error: z.optional(z.string()),
    /** Dead deliveries that were forgotten to make room. */
    dropped: z.int(),
    /** Since when the forwarder is gone, epoch milliseconds. */
    ended: z.optional(z.number()),
  }),
);
export type Lane = z.infer<ReturnType<typeof Lane>>;

/** Keyed by the forwarder's id, when it is due, and its own id: the next one of a lane is the first. */
export const waiting: RecordKind<Delivery> = { name: "events-waiting", noun: "waiting delivery", schema: Delivery };
/** Keyed by the forwarder's id and its own: the oldest is the first. */
export const dead: RecordKind<Delivery> = { name: "events-dead", noun: "dead delivery", schema: Delivery };
/** Keyed by the forwarder's id. Only the duty writes it, and whoever deletes the forwarder. */
export const lanes: RecordKind<Lane> = { name: "event-lanes", noun: "lane of event forwarder", schema: Lane };

const digits = 15;
export const freshLane: Lane = { failures: 0, until: 0, delivered: 0, dropped: 0 };
export const laneOf = (forwarder: number): string => `${forwarder}/`;
export const waitingKey = (forwarder: number, { due, id }: Pick<Delivery, "due" | "id">): string =>
  `${laneOf(forwarder)}${String(due).padStart(digits, "0")}/${id}`;
export const deadKey = (forwarder: number, { id }: Pick<Delivery, "id">): string => `${laneOf(forwarder)}${id}`;

/** Ordered by time, and by `at` among those of one instant; never given twice. */
export function newId(now: number, at = 0): string {
  const [time, place] = [now.toString(16).padStart(12, "0"), at.toString(16).padStart(6, "0")];
  return `evt_${time}${place}${Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString("hex")}`;
}
