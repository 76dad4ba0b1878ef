import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { send } from "./answering.ts";
import { askFrom } from "./asking.ts";
import type { Clock } from "./clock.ts";
import { play, type Ending } from "./fault-play.ts";
import type { Faults } from "./faults.ts";
import { findOrigin, type Place } from "./hosts.ts";
import type { LoggedRequest, RequestLog } from "./request-log.ts";
import type { Answer, Room } from "./room.ts";
import type { Settings } from "./settings.ts";

export interface Front {
  clock: Clock;
  settings: Settings;
  faults: Faults;
  log: RequestLog;
  rooms: Readonly<Record<Place["is"], Room>>;
  /** Called after each request that may have changed something, before its answer goes out. */
  saved(): Promise<void>;
  stopping: AbortSignal;
}

export type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/** The hall behind every TLS port: writes the log, plays the faults, finds the room by the Host header. */
export function createListener(front: Front, listener: { place: Place; port(): number }): Listener {
  return async (incoming, outgoing) => {
    const started = performance.now();
    const requestId = randomUUID();
    const entry: LoggedRequest = {
      at: new Date(front.clock.now()).toISOString(),
      method: incoming.method ?? "",
      host: incoming.headers.host ?? "",
      path: incoming.url ?? "",
      status: 0,
      ms: 0,
      connection: connectionNumber(incoming.socket),
      request_id: requestId,
      authorized: incoming.headers.authorization !== undefined,
    };
    front.log.add(entry);
    const ending = await endingOf(front, incoming, requestId, { place: listener.place, port: listener.port() });
    entry.ms = Math.round(performance.now() - started);
    if (ending.by === "answer") {
      entry.status = ending.answer.status;
      // The time of the local Azure is its own: a client may compare it with its machine's.
      ending.answer = { ...ending.answer, headers: { date: new Date(front.clock.now()).toUTCString(), ...ending.answer.headers } };
    }
    await send(ending, { incoming, outgoing }, front);
  };
}

async function endingOf(
  front: Front,
  incoming: IncomingMessage,
  requestId: string,
  listener: { place: Place; port: number },
): Promise<Ending> {
  const { clock, faults, rooms, settings, stopping } = front;
  const origin = findOrigin(incoming.headers.host, listener);
  if (origin === undefined) return { by: "answer", answer: misdirected };
  const effect = async (): Promise<Answer> => {
    const answer = await rooms[origin.place.is](askFrom(incoming, origin, requestId));
    if (incoming.method !== "GET") await front.saved();
    return answer;
  };
  const planted = faults.take(incoming.method ?? "", incoming.url ?? "");
  const scene = { clock, stopping, socket: incoming.socket, requestId, place: origin.place };
  const ending: Ending = planted === undefined ? { by: "answer", answer: await effect() } : await play(planted, scene, effect);
  if (ending.by === "answer" && settings.roundTripMs > 0) await clock.sleep(settings.roundTripMs, stopping);
  return ending;
}

const misdirected: Answer = {
  status: 421,
  body: { error: { code: "MisdirectedRequest", message: "The local Azure does not answer for this host name." } },
};

const connections = new WeakMap<Socket, number>();
let lastConnection = 0;

function connectionNumber(socket: Socket): number {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  lastConnection += 1;
  connections.set(socket, lastConnection);
  return lastConnection;
}
