import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";

// A line to a local port on which each byte takes HALF milliseconds, in either direction: what a far-away service costs, TCP's handshake left out.
const [port = "", half = ""] = process.argv.slice(2);

/** Bytes keep their order: all wait equally long. */
function relay(from: Socket, to: Socket): void {
  const later = (act: () => void): void => void setTimeout(act, Number(half));
  from.on("data", (bytes) => later(() => to.write(bytes)));
  from.on("close", () => later(() => to.destroy()));
  from.on("error", () => {});
}

const server = createServer({ noDelay: true }, (near) => {
  const far = createConnection({ port: Number(port), host: "127.0.0.1", noDelay: true });
  relay(near, far);
  relay(far, near);
});
server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
