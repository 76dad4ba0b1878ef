import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   event        something that has happened to an item or a target: names and versions, never a value
 *   forwarder    tells a receiver of the events that it is for
 *   destination  where a forwarder sends, and with which proof: all of it sealed, so that an edited address gets no token
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

export const Event = once(() =>
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
