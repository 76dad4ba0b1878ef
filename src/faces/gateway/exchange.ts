import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** What is told of one request: names and codes. */
export interface Exchange {
  /** Ours, answered as `x-request-id`: what a caller sends there is not taken over. */
  id: string;
  address: string;
  /** The name of a route that there is, or `other`. */
  route: string;
  caller?: string;
  code?: string;
  /** Names of the fields that were given. */
  fields?: readonly string[];
  /** Where a bug of ours was thrown; its text may hold a value, and stays. */
  trace?: readonly string[];
}

// Unlike those of another gateway, or of this one before it was started again.
const started = randomBytes(6).toString("base64url");
let requests = 0;

const exchanges = new WeakMap<IncomingMessage, Exchange>();
const quiet = new Set(["healthz", "readyz", "metrics"]);

export function exchangeOf(incoming: IncomingMessage): Exchange {
  const exchange = exchanges.get(incoming);
  if (exchange === undefined) throw new TypeError("a request is watched from its beginning");
  return exchange;
}

/** From here on a request is counted, and told when it is over. */
export function watch(incoming: IncomingMessage, outgoing: ServerResponse, address: string, { log, metrics }: Watchers): void {
  const exchange: Exchange = { id: `${started}-${(requests += 1).toString(36)}`, address, route: "other" };
  exchanges.set(incoming, exchange);
  outgoing.setHeader("x-request-id", exchange.id);
  const began = performance.now();
  const ended = metrics.began();
  outgoing.once("close", () => {
    const ms = performance.now() - began;
    // Nobody heard the answer of a connection that broke: 499 as nginx has it.
    const status = outgoing.writableFinished ? outgoing.statusCode : 499;
    ended(exchange.route, status, ms / 1000);
    const level = exchange.code === "internal" ? "error" : quiet.has(exchange.route) ? "debug" : "info";
    log.write(level, "request", { ...exchange, method: incoming.method?.slice(0, 10), status, duration_ms: Math.round(ms * 10) / 10 });
  });
}

interface Watchers {
  log: Log;
  metrics: Metrics;
}
