import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "./clock.ts";
import type { Faults, PlantedFault } from "./faults.ts";
import { findOrigin, type Place } from "./hosts.ts";
import type { LoggedRequest, RequestLog } from "./request-log.ts";
import { BodyTooLarge, type Answer, type Ask, type Room } from "./room.ts";
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

const bodyLimit = 1_048_576;
const dropped = Symbol("dropped");

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
    const answer = await answerOrDrop(front, incoming, requestId, { place: listener.place, port: listener.port() });
    entry.ms = Math.round(performance.now() - started);
    if (answer === dropped) {
      incoming.socket.destroy();
      return;
    }
    entry.status = answer.status;
    send(incoming, outgoing, answer);
  };
}

async function answerOrDrop(
  front: Front,
  incoming: IncomingMessage,
  requestId: string,
  listener: { place: Place; port: number },
): Promise<Answer | typeof dropped> {
  const origin = findOrigin(incoming.headers.host, listener);
  if (origin === undefined) {
    return { status: 421, body: { error: { code: "MisdirectedRequest", message: "The local Azure does not answer for this host name." } } };
  }
  const planted = front.faults.take(incoming.method ?? "", incoming.url ?? "");
  const fault = planted?.fault;
  if (planted !== undefined) await suffer(front, planted);
  if (fault?.drop === "before") return dropped;

  let answer: Answer;
  if (fault?.status !== undefined) {
    answer = { status: fault.status, body: fault.body ?? defaultBody(fault.status) };
  } else {
    answer = await front.rooms[origin.place.is](askFrom(incoming, origin, requestId));
    if (incoming.method !== "GET") await front.saved();
  }
  if (fault?.drop === "after") return dropped;
  if (fault?.retryAfter !== undefined) answer = { ...answer, headers: { ...answer.headers, "retry-after": String(fault.retryAfter) } };
  if (front.settings.roundTripMs > 0) await front.clock.sleep(front.settings.roundTripMs, front.stopping);
  return answer;
}

async function suffer(front: Front, planted: PlantedFault): Promise<void> {
  if (planted.fault.hold === true) {
    planted.held += 1;
    await planted.released;
    planted.held -= 1;
  }
  if (planted.fault.delayMs !== undefined) await front.clock.sleep(planted.fault.delayMs, front.stopping);
}

function askFrom(incoming: IncomingMessage, origin: Ask["origin"], requestId: string): Ask {
  const url = incoming.url ?? "/";
  const mark = url.indexOf("?");
  return {
    method: incoming.method ?? "",
    path: mark === -1 ? url : url.slice(0, mark),
    // Decodes names as well as values: the vendor's SDK writes `api%2Dversion`.
    query: new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1)),
    header(name) {
      const value = incoming.headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    readBody: () => readBody(incoming),
    origin,
    requestId,
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  if (Number(incoming.headers["content-length"] ?? 0) > bodyLimit) throw new BodyTooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > bodyLimit) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer): void {
  const { body } = answer;
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const length = answer.status === 204 ? {} : { "content-length": Buffer.byteLength(text) };
  const type = typeof body === "object" ? { "content-type": "application/json; charset=utf-8" } : {};
  // A body that nobody wants to read to its end would block the connection for the next request.
  const close = incoming.readableEnded || isSoonRead(incoming) ? {} : { connection: "close" };
  outgoing.writeHead(answer.status, { ...type, ...length, ...close, ...answer.headers });
  outgoing.end(text);
  if (!incoming.readableEnded) incoming.resume();
}

function isSoonRead({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) <= bodyLimit;
}

function defaultBody(status: number): object {
  const message = status === 429 ? "Request was not processed because too many requests were received." : "A fault that a test planted.";
  return { error: { code: status === 429 ? "Throttled" : status >= 500 ? "ServerError" : "PlantedFault", message } };
}

const connections = new WeakMap<Socket, number>();
let lastConnection = 0;

function connectionNumber(socket: Socket): number {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  lastConnection += 1;
  connections.set(socket, lastConnection);
  return lastConnection;
}
