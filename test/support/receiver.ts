import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";

interface Heard {
  path: string;
  headers: IncomingMessage["headers"];
  id: string;
  body: string;
  events: { event_id: string; event_type: string; item_name: string; payload: Record<string, string> }[];
}

/** What the receiver does to a request that it has heard. */
export type Manner =
  | number
  /** Answers nothing, until it is told to: `release`. */
  | "hold"
  | "close"
  | "garbage"
  /** 200, and a body without an end. */
  | "bomb"
  /** 200, one byte, and silence. */
  | "trickle"
  /** 200, and a header of a megabyte. */
  | "header-bomb"
  | { status: number; headers: Record<string, string> };

/** Somebody who is told of events, at a loopback port, with failure switches. */
export async function receiver(tls?: ServerOptions) {
  const heard: Heard[] = [];
  const manners = new Map<string, Manner[]>();
  const held: ServerResponse[] = [];
  const waits = new Set<() => void>();
  const seen = { connections: 0 };
  const listener: RequestListener = (incoming, response) => {
    let body = "";
    incoming.setEncoding("utf8").on("data", (text: string) => void (body += text));
    incoming.on("end", () => {
      const path = incoming.url ?? "";
      const { events = [] } = body.startsWith("{") ? (JSON.parse(body) as Pick<Heard, "events">) : {};
      heard.push({ path, headers: incoming.headers, id: String(incoming.headers["webhook-id"]), body, events });
      const left = manners.get(path) ?? [];
      // The last one stays.
      behave(left.length > 1 ? left.shift() : left[0], response, held);
      for (const wake of waits) wake();
    });
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  server.on("connection", () => (seen.connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const scheme = tls === undefined ? "http" : "https";
  return {
    heard,
    seen,
    port,
    url: (path = "/hook"): string => `${scheme}://127.0.0.1:${port}${path}`,
    /** From the next request at that path on: one after the other, and the last one for ever. */
    will: (path: string, ...how: Manner[]): void => void manners.set(path, how),
    release: (): void => {
      for (const response of held.splice(0)) response.writeHead(204).end();
    },
    /** Waits until so many requests were heard. */
    hears: (count: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (heard.length < count) return;
          waits.delete(look);
          resolve();
        };
        waits.add(look);
        look();
      }),
    stop: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export type Receiver = Awaited<ReturnType<typeof receiver>>;

function behave(how: Manner = 204, response: ServerResponse, held: ServerResponse[]): void {
  if (how === "hold") held.push(response);
  else if (how === "close") response.socket?.destroy();
  else if (how === "garbage") response.socket?.end("I am no HTTP server.\r\n\r\n");
  else if (how === "bomb") drip(response.writeHead(200));
  else if (how === "trickle") response.writeHead(200).write("x");
  else if (how === "header-bomb") response.socket?.end(`HTTP/1.1 200 OK\r\nx-bomb: ${"x".repeat(1 << 20)}\r\n\r\n`);
  else if (typeof how === "number") response.writeHead(how).end(how === 204 ? undefined : "CANARY-of-the-receiver");
  else response.writeHead(how.status, how.headers).end();
}

function drip(response: ServerResponse): void {
  if (response.destroyed) return;
  response.write("x".repeat(32_768), (failure) => {
    if (!failure) drip(response);
  });
}
