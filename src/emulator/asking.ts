import type { IncomingMessage } from "node:http";
import { BodyTooLarge, type Ask } from "./room.ts";

export const bodyLimit = 1_048_576;

/** A request, as a room sees it. */
export function askFrom(incoming: IncomingMessage, origin: Ask["origin"], requestId: string): Ask {
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
