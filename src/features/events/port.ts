import type * as z from "zod/mini";
import type { Change } from "../../kernel/store.ts";
import type { Event, EventType, Payload } from "./model.ts";

/** What a room tells of: names and versions, never a value. */
export interface Happening {
  type: EventType;
  source: Event["source"];
  payload: z.infer<ReturnType<typeof Payload>>;
}

/**
 * What a room adds to its own commit, so that the event is told if and only if what it tells of has happened: one delivery for each forwarder that
 * is for it. Reads the store alone; never waits for a receiver.
 */
export type Outbox = (happened: readonly Happening[]) => Promise<Change[]>;

/** A receiver's address, and whom to trust there. */
export interface Place {
  url: string;
  /** Which addresses the host may have. */
  reach: "public" | "private";
  /** PEM text of CAs beside the usual ones. */
  trust?: string | undefined;
  /** PEM text: who calls. */
  client?: { certificate: string; key: string } | undefined;
}

/** Why there was no answer. */
export type Failure =
  /** The host has an address that webhooks may not go to. */
  | "address not allowed"
  | "name not found"
  | "connection refused"
  | "certificate not trusted"
  /** Any other refusal of TLS, such as for a missing client certificate. */
  | "TLS failed"
  | "connection lost"
  | "timeout"
  | "not HTTP";

/** A whole status line came, or not. `retryAfterMs`: the receiver's own wish. */
export type Posted = { status: number; retryAfterMs?: number | undefined } | { failure: Failure };

/** One receiver, with a connection that is kept between posts. */
export interface Peer {
  /**
   * Resolves within `withinMs` milliseconds; never rejects. Follows no redirect, goes through no proxy, and reads at most 64 KiB of an answer, of
   * which nothing but the status is kept. Each connection goes to an address that was looked at: a name that leads elsewhere the next time leads nowhere.
   */
  post(message: { headers: Record<string, string>; body: string }, withinMs: number): Promise<Posted>;
  close(): void;
}

export interface Webhook {
  /** Throws `usage` for what `open` would refuse without asking the network: the form of the URL, an address in it, a certificate that is none. */
  check(place: Place): void;
  open(place: Place): Peer;
}
