import type { Clock } from "../../kernel/clock.ts";
import { authorizationOf } from "./authentication.ts";
import type { Delivery } from "./lanes.ts";
import type { Destination, Event } from "./model.ts";
import type { Peer } from "./port.ts";
import { signed } from "./sign.ts";

const withinMs = 10_000;

/** What came of one post. `error`: why it was none, in words that hold nothing of the receiver's. */
export interface Attempted {
  status?: number;
  error?: string;
  retryAfterMs?: number | undefined;
}

export async function attempt(
  peer: Peer,
  destination: Destination,
  { id, events }: Pick<Delivery, "id" | "events">,
  clock: Clock,
): Promise<Attempted> {
  const body = JSON.stringify({ version: 1, events: events.map(told) });
  const headers = {
    "content-type": "application/json",
    "user-agent": "usc",
    ...authorizationOf(destination),
    ...(await signed(destination["signing-secret"], id, clock.now(), body)),
  };
  const posted = await peer.post({ headers, body }, withinMs);
  if ("failure" in posted) return { error: posted.failure };
  const { status, retryAfterMs } = posted;
  return status >= 200 && status < 300 ? { status } : { status, error: `HTTP ${status}`, retryAfterMs };
}

/** An event as a receiver gets it. Changed members are a new `version`. */
const told = ({ id, type, time, source, payload }: Event) => ({
  event_id: id,
  event_type: type,
  time,
  source: source.kind,
  item_name: source.name,
  payload,
});
