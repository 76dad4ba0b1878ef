import type { ServerResponse } from "node:http";
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

/** What Akeyless' clients ask for when their address ends with a slash. */
export const twoSlashes: Refusal = {
  status: 404,
  document: { ...noPath.document, hint: "It begins with two slashes: the client's address of the gateway should end without one." },
};

export const noMethod: Refusal = { status: 405, document: { error: "The gateway takes POST here.", code: "usage" } };

/** Before the router has seen anything. */
export function refuse(response: ServerResponse, { status, document }: Refusal): void {
  response.writeHead(status, { ...headers, connection: "close" });
  response.end(JSON.stringify(document));
}
