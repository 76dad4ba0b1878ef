import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";

// A line to a local port on which each byte takes HALF milliseconds, in either direction: what a far-away service costs. Here a connection stands at once, and over there
// after a round trip: so the first bytes wait that much longer, TCP's handshake.
const [port = "", half = ""] = process.argv.slice(2);
const oneWay = Number(half);

/** Bytes keep their order: none leaves before the line stands. */
function relay(from: Socket, to: Socket, stands: number): void {
  const later = (act: () => void): void => void setTimeout(act, Math.max(0, stands - performance.now()) + oneWay);
  from.on("data", (bytes) => later(() => to.write(bytes)));
  from.on("close", () => later(() => to.destroy()));
  from.on("error", () => {});
}

const server = createServer({ noDelay: true }, (near) => {
  const far = createConnection({ port: Number(port), host: "127.0.0.1", noDelay: true });
  const stands = performance.now() + 2 * oneWay;
  relay(near, far, stands);
  relay(far, near, stands);
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
