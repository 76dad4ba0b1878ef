import { lookup as systemLookup } from "node:dns";
import { Agent, request, type ClientRequest, type IncomingMessage } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { getCACertificates } from "node:tls";
import type { Failure, Peer, Place, Posted } from "../../features/events/port.ts";
import { destinationOf, isAllowed } from "./destination.ts";
import { failureOf, notAllowed } from "./failures.ts";

/** Gives all addresses of a name. */
export type Resolve = (host: string, answer: (error: Error | null, addresses: readonly string[]) => void) => void;

export const systemResolve: Resolve = (host, answer) =>
  systemLookup(host, { all: true }, (error, found) => answer(error, error ? [] : found.map(({ address }) => address)));

const mostBytes = 64 * 1024;

/** An agent of its own: nobody else's connection is used, and none goes through a proxy, which would resolve names by itself. */
export function peerOf(place: Place, resolve: Resolve): Peer {
  const to = destinationOf(place);
  const agent = to.secure ? new SecureAgent({ ...kept, ...trustOf(place) }) : new Agent(kept);
  const lookup = checkedLookup(resolve, (address) => isAllowed(address, to.secure, place.reach));
  const begin = (headers: Record<string, string>, signal: AbortSignal): ClientRequest =>
    (to.secure ? secureRequest : request)({
      method: "POST",
      host: to.host,
      port: to.port,
      path: to.path,
      headers,
      agent,
      lookup,
      signal,
    });
  return {
    async post({ headers, body }, withinMs) {
      const bytes = Buffer.from(body);
      const sized = { ...headers, "content-length": String(bytes.length) };
      const signal = AbortSignal.timeout(withinMs);
      const first = begin(sized, signal);
      const came = await answerTo(first, bytes);
      // A connection that the receiver has closed between two posts says nothing about the second one.
      const isStale = "failure" in came && came.failure === "connection lost" && first.reusedSocket;
      return isStale && !signal.aborted ? answerTo(begin(sized, signal), bytes) : came;
    },
    close: () => agent.destroy(),
  };
}

const kept = { keepAlive: true, maxSockets: 1 };

/** Verification is set in so many words: NODE_TLS_REJECT_UNAUTHORIZED must not switch it off. */
const trustOf = ({ trust, client }: Place) => ({
  rejectUnauthorized: true,
  ...(trust === undefined ? {} : { ca: [...getCACertificates("default"), trust] }),
  ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
});

/** A name with one address that is not allowed leads nowhere: which of them is taken is not ours to say. */
function checkedLookup(resolve: Resolve, isAllowedAt: (address: string) => boolean): LookupFunction {
  return (host, options, answer) =>
    resolve(host, (error, addresses) => {
      const found = addresses.map((address) => ({ address, family: isIP(address) }));
      const [first] = found;
      if (error) answer(error, "");
      else if (first === undefined || !addresses.every(isAllowedAt)) answer(Object.assign(new Error(), { code: notAllowed }), "");
      else if (options.all) answer(null, found);
      else answer(null, first.address, first.family);
    });
}

/** The status is the answer; what comes behind it is read for the sake of the connection, and no further than it has to be. */
function answerTo(outgoing: ClientRequest, body: Buffer): Promise<Posted> {
  return new Promise((resolve) => {
    let came: Posted | undefined;
    const end = (failure: Failure): void => resolve(came ?? { failure });
    outgoing.on("error", (error: NodeJS.ErrnoException) => end(failureOf(error)));
    outgoing.once("close", () => end("connection lost"));
    outgoing.once("response", (incoming) => {
      came = { status: incoming.statusCode ?? 0, retryAfterMs: wishOf(incoming) };
      let size = 0;
      incoming.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > mostBytes) outgoing.destroy();
      });
      incoming.on("error", () => {});
      incoming.once("close", () => end("connection lost"));
    });
    outgoing.end(body);
  });
}

function wishOf({ headers: { "retry-after": given = "" } }: IncomingMessage): number | undefined {
  return /^\d{1,6}$/.test(given) ? Number(given) * 1000 : undefined;
}
