import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:https";
import type { Server as NetServer, Socket } from "node:net";
import type { TlsIdentity } from "./authority.ts";
import type { Listener } from "./front.ts";
import type { Leaf } from "./leaf.ts";
import { codeOf, StartRefused } from "./start-refused.ts";

const timeouts = { keepAliveTimeout: 65_000, headersTimeout: 30_000, requestTimeout: 120_000, maxHeaderSize: 32_768 };

export function createTlsServer(leaf: Leaf, listener: Listener): Server {
  let shown = leaf.current();
  const server = createServer({ ...timeouts, ...contextOf(shown), ALPNProtocols: ["http/1.1"] }, run(listener));
  // Before Node's own listener, which begins the handshake.
  server.prependListener("connection", () => {
    const current = leaf.current();
    if (current !== shown) server.setSecureContext(contextOf(current));
    shown = current;
  });
  return remembering(server);
}

function contextOf({ keyPem, certificatePem }: TlsIdentity): { key: string; cert: string } {
  return { key: keyPem, cert: certificatePem };
}

export function createPlainServer(listener: Listener): HttpServer {
  return remembering(createHttpServer(timeouts, run(listener)));
}

const openSockets = new WeakMap<NetServer, Set<Socket>>();
/** Only a TCP socket can be reset, and a request knows the TLS socket that wraps it. */
const beneath = new WeakMap<Socket, Socket>();

// A server forgets sockets that never got as far as a request, and would wait for them at its end.
function remembering<S extends NetServer>(server: S): S {
  const sockets = new Set<Socket>();
  openSockets.set(server, sockets);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("secureConnection", (secure: Socket) => {
    for (const socket of sockets) if (socket.remotePort === secure.remotePort) beneath.set(secure, socket);
  });
  return server;
}

/** Ends the connection with a TCP reset. */
export function reset(socket: Socket): void {
  (beneath.get(socket) ?? socket).resetAndDestroy();
}

function run(listener: Listener): (...ends: Parameters<Listener>) => void {
  return (incoming, outgoing) => {
    listener(incoming, outgoing).catch(() => {
      // The client left, or a bug: either way nothing of it may reach the wire.
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500).end();
    });
  };
}

/** Loopback only. A wished port that is taken is an error, unless it was only remembered. */
export async function listen(server: NetServer, port: number, whenTaken: "fail" | "any" = "fail"): Promise<number> {
  try {
    await bind(server, port);
  } catch (error) {
    if (whenTaken === "fail") throw refusalOf(error, port);
    await bind(server, 0);
  }
  return portOf(server);
}

function refusalOf(error: unknown, port: number): StartRefused {
  const code = codeOf(error);
  return code === "EADDRINUSE"
    ? new StartRefused("in use", `Something else listens on port ${port}.`, "Give another port, or none for a free one.")
    : new StartRefused("unusable", `Port ${port} cannot be opened (${code ?? "unknown"}).`);
}

export function portOf(server: NetServer): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function bind(server: NetServer, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, "127.0.0.1", resolve);
  await promise;
  server.off("error", reject);
}

/** Cuts every connection, whatever it is at. */
export async function close(server: NetServer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  for (const socket of openSockets.get(server) ?? []) socket.destroy();
  await promise;
}
