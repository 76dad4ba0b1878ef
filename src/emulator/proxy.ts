import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { realPlaceOf, type Place } from "./hosts.ts";

/** A CONNECT proxy for Azure's real names and no other. It never dials the name it was given: every tunnel ends at our own TLS port. */
export interface Proxy {
  server: Server;
  stop(): void;
}

/** `exists` stands for DNS, which in Azure knows no vault that is not there. */
export function createProxy(tlsPort: () => number, exists: (place: Place) => boolean): Proxy {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((_incoming, outgoing) => {
    outgoing.writeHead(405, { "content-type": "text/plain" }).end("This proxy takes CONNECT only.\n");
  });
  server.on("connection", keep);
  server.on("connect", (request, client: Socket, head: Buffer) => {
    const place = placeOf(request.url ?? "");
    if (place === undefined || !exists(place)) {
      const status = place === undefined ? "403 Forbidden" : "503 Service Unavailable";
      client.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    const tunnel = connect(tlsPort(), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      tunnel.write(head);
      tunnel.pipe(client).pipe(tunnel);
    });
    keep(tunnel);
    // A reset goes through, as it would without a proxy.
    tunnel.on("close", (failed) => (failed ? client.resetAndDestroy() : client.destroy()));
    client.on("close", () => tunnel.destroy());
  });
  return {
    server,
    stop() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Exactly `name:443`: no userinfo, no trailing dot, no other port. */
function placeOf(target: string): Place | undefined {
  const name = /^([0-9a-z.-]{1,253}):443$/.exec(target.toLowerCase())?.[1];
  return name === undefined ? undefined : realPlaceOf(name);
}
