import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   event        something that has happened to an item or a target: names and versions, never a value
 *   forwarder    tells a receiver of the events that it is for
 *   destination  where a forwarder sends, and with which proof: all of it sealed, so that an edited address gets no token
 *   delivery     what one forwarder has to tell: an event, or those of a period together. It keeps its id until it has arrived, or is dead
 *   lane         the deliveries of one forwarder, and how its receiver has been doing; lanes never wait for each other
 */
export const eventTypes = [
  "certificate-pending-expiration",
  "certificate-expired",
  "secret-pending-expiration",
  "secret-expired",
  "next-automatic-rotation",
  "rotated-secret-success",
  "rotated-secret-failure",
  "secret-sync",
] as const;
export type EventType = (typeof eventTypes)[number];

/** Of `event-forwarder test` alone. */
export const testType = "forwarder-test";

export const Payload = once(() => {
  const text = z.string();
  return z.object({
    /** One sentence for a person. */
    event_message: text,
    /** A secret or certificate of the item. */
    object_name: z.optional(text),
    version: z.optional(text),
    /** When it expires, or is rotated next: RFC 3339. */
    date: z.optional(text),
    /** Of a failure: a code of `usc`. */
    code: z.optional(text),
  });
});

const Event = once(() =>
  z.object({
    id: z.string(),
    type: z.enum([...eventTypes, testType]),
    /** RFC 3339. */
    time: z.string(),
    source: z.object({ kind: z.enum(["item", "target"]), name: z.string() }),
    payload: Payload(),
  }),
);
export type Event = z.infer<ReturnType<typeof Event>>;

export const EventForwarder = once(() => {
  const text = z.string();
  const texts = z.array(text);
  return z.object({
    id: z.int(),
    name: text,
    enabled: z.boolean(),
    /** Empty: all. */
    types: z.array(z.enum(eventTypes)),
    /** Paths, or folders as `/prod/*`. Both empty: events of everything. */
    items: texts,
    targets: texts,
    /** Kept for who asks; a gateway tells of every source that it sees. */
    gateways: texts,
    /** Hours of a period whose events go out together; absent: each at once. */
    every: z.optional(z.int()),
    description: text,
    "created-at": text,
    "modified-at": text,
  });
});
export type EventForwarder = z.infer<ReturnType<typeof EventForwarder>>;

export const authTypes = ["none", "user-pass", "bearer-token", "certificate"] as const;

const Destination = once(() => {
  const text = z.string();
  const maybe = z.optional(text);
  return z.object({
    url: text,
    /** Which addresses its host may have: `private` ones only if the user of this machine has said so. */
    reach: z.enum(["public", "private"]),
    "auth-type": z.enum(authTypes),
    username: maybe,
    password: maybe,
    "auth-token": maybe,
    /** PEM text. */
    "client-cert-data": maybe,
    "private-key-data": maybe,
    /** PEM text of CAs to trust beside the usual ones. */
    "server-certificates": maybe,
    /** `whsec_` and base64. */
    "signing-secret": text,
  });
});
export type Destination = z.infer<ReturnType<typeof Destination>>;

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

/** Keyed by path. */
export const forwarders: RecordKind<EventForwarder> = { name: "event-forwarders", noun: "event forwarder", schema: EventForwarder };
/** Keyed by the forwarder's id. */
export const destinations: RecordKind<Destination> = {
  name: "event-destinations",
  noun: "destination of event forwarder",
  schema: Destination,
  sealed: [
    "url",
    "reach",
    "auth-type",
    "username",
    "password",
    "auth-token",
    "client-cert-data",
    "private-key-data",
    "server-certificates",
    "signing-secret",
  ],
};
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
