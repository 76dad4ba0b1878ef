import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyLimit } from "./asking.ts";
import type { Clock } from "./clock.ts";
import type { Ending } from "./fault-play.ts";
import type { Answer } from "./room.ts";
import { reset } from "./server.ts";

interface Wire {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

/** Puts the end of a request on the wire. Returns when it is there, which for a slow one takes its time. */
export async function send(ending: Ending, wire: Wire, pace: { clock: Clock; stopping: AbortSignal }): Promise<void> {
  const { incoming, outgoing } = wire;
  if (ending.by === "reset") return reset(incoming.socket);
  if (ending.by === "close" || outgoing.destroyed) return void incoming.socket.destroy();
  const { answer, cut, slow } = ending;
  const whole = bytesOf(answer.body);
  writeHead(wire, answer, cut === undefined ? whole.length : Math.max(whole.length, cut + 1));
  // The head leaves now, also when the body is slow or never comes.
  if (cut !== undefined || slow !== undefined) outgoing.flushHeaders();
  const body = whole.subarray(0, cut);
  const piece = slow?.bytes ?? body.length;
  for (let at = 0; at < body.length && !outgoing.destroyed; at += piece) {
    outgoing.write(body.subarray(at, at + piece));
    if (slow !== undefined) await pace.clock.sleep(slow.every_ms, pace.stopping);
  }
  if (cut === undefined || answer.status === 204) outgoing.end();
  else incoming.socket.end();
  if (!incoming.readableEnded) incoming.resume();
}

function bytesOf(body: Answer["body"]): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function writeHead({ incoming, outgoing }: Wire, { status, headers, body }: Answer, size: number): void {
  const length = status === 204 ? {} : { "content-length": size };
  const type = typeof body === "object" && !Buffer.isBuffer(body) ? { "content-type": "application/json; charset=utf-8" } : {};
  // A body that nobody wants to read to its end would block the connection for the next request.
  const close = incoming.readableEnded || isSoonRead(incoming) ? {} : { connection: "close" };
  outgoing.writeHead(status, { ...type, ...length, ...close, ...headers });
}

function isSoonRead({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) <= bodyLimit;
}
