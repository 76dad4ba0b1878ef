import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorDocument } from "../../kernel/errors.ts";

export const headers = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};

export const answer = (status: number, body: unknown, more: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...headers, ...more } });

export interface Refusal {
  status: number;
  document: ErrorDocument;
}

export const notOurs: Refusal = {
  status: 421,
  document: { error: "The gateway is not called by this host name.", code: "usage", hint: "--allowed-host adds a name." },
};

export const noPath: Refusal = {
  status: 404,
  document: { error: "There is no such path.", code: "not_found", hint: "/openapi.json lists what there is." },
};

/** Of Akeyless, which has many more. Not 404: to its clients that means gone, and they forget what they asked for. */
export const noOperation: Refusal = {
  status: 501,
  document: { error: "usc has no such operation.", code: "unsupported", hint: "/openapi.json lists what there is." },
};

/** What Akeyless' clients ask for when their address ends with a slash. */
export const twoSlashes: Refusal = {
  status: 404,
  document: { ...noPath.document, hint: "It begins with two slashes: the client's address of the gateway should end without one." },
};

export const noMethod: Refusal = { status: 405, document: { error: "The gateway takes POST here.", code: "usage" } };

/** What Node could not read as a request, by its code. */
const unread: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    document: { error: "The headers are too large.", code: "usage", hint: "16 KiB at most, names and values together." },
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, document: { error: "The request did not arrive in time.", code: "usage" } },
};
const noRequest: Refusal = { status: 400, document: { error: "That is no HTTP request.", code: "usage" } };

/** In the same form, over the bare connection: there is no response to write to. */
export function refuseUnread({ code = "" }: NodeJS.ErrnoException, socket: Duplex): void {
  const refusal = unread[code] ?? (code.startsWith("HPE_") ? noRequest : undefined);
  if (refusal === undefined || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, document } = refusal;
  const body = JSON.stringify(document);
  const lines = Object.entries({ ...headers, connection: "close", "content-length": Buffer.byteLength(body) }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, ...lines, "", body].join("\r\n"), () => socket.destroy());
}

/** Before the router has seen anything. */
export function refuse(response: ServerResponse, { status, document }: Refusal): void {
  response.writeHead(status, { ...headers, connection: "close" });
  response.end(JSON.stringify(document));
}
