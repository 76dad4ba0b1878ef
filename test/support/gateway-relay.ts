import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Asked {
  path: string;
  headers: IncomingMessage["headers"];
  body: Record<string, unknown>;
}

type Answer = (asked: Asked, response: ServerResponse) => Promise<void> | void;

/** A server in a gateway's place, that does with each request what a test says, and remembers them. */
export async function inItsPlace(answer: Answer) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one = {
        path: request.url ?? "",
        headers: request.headers,
        body: JSON.parse(Buffer.concat(chunks).toString()) as Asked["body"],
      };
      asked.push(one);
      void answer(one, response);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, stop };
}

export const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void =>
  void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

/** Hands each request on to a gateway, and its answer back: to count them. */
export const relayTo = (url: string) =>
  inItsPlace(async ({ path, headers, body }, response) => {
    const { host: _, connection: _c, "content-length": _l, ...kept } = headers;
    const answer = await fetch(`${url}${path}`, { method: "POST", headers: kept as Record<string, string>, body: JSON.stringify(body) });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  });
