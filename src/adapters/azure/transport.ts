import type { Cloud } from "../../features/targets/model.ts";
import type { Clock } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { expired } from "../network/failures.ts";
import { listen, type Outcome, type Reply } from "../network/listen.ts";
import type { Environment } from "../network/proxy.ts";
import { parseOrigin } from "./vault-url.ts";
import { https, type Way, ways } from "./ways.ts";

export type { Outcome, Reply } from "../network/listen.ts";

/** What `--verbose` tells of a request; never a value or a token. */
export interface Call {
  method: string;
  url: string;
  status?: number;
  ms: number;
  requestId?: string;
}

interface Ask {
  method: string;
  /** `https://host[:port]`. */
  origin: string;
  /** With the query. */
  path: string;
  /** Bytes of body that are read at most. */
  limit: number;
  /** Milliseconds until a connection must stand. */
  withinMs: number;
}

/** A request that is being connected. Nothing of it has been sent yet. */
export interface Line {
  /** The handshake is under way, or the request has ended: from here on work costs no time on the wire. */
  begun(): Promise<void>;
  /** Sends it and resolves with what came of it: never rejects, never follows a redirect. */
  send(message: { headers: Record<string, string>; body?: string }, withinMs: number): Promise<Outcome>;
  /** Hangs up unasked. */
  drop(): void;
}

export type Transport = (cloud: Cloud, ask: Ask) => Line;

/** The one way of this adapter to the network: token calls, reads and the SDK's writes all pass here. */
export function transport(options: { environment: Environment; clock: Clock; onCall?: ((call: Call) => void) | undefined }): Transport {
  const wayTo = ways(options.environment);
  return (cloud, ask) => {
    const place = parseOrigin(ask.origin);
    if (place === undefined) throw new UscError("usage", "The address is not of the form https://host[:port].");
    const line = connecting(wayTo(cloud, place), ask);
    return {
      begun: async () => (await line).begun,
      async send(message, withinMs) {
        const { outgoing, outcome, within } = await line;
        const began = options.clock.now();
        within(withinMs);
        for (const [name, value] of Object.entries(message.headers)) outgoing.setHeader(name, value);
        outgoing.end(message.body);
        const came = await outcome;
        const requestId = came.reply === undefined ? undefined : requestIdOf(came.reply);
        options.onCall?.({
          method: ask.method,
          url: `${ask.origin}${ask.path}`,
          ...(came.reply === undefined ? {} : { status: came.reply.status }),
          ms: options.clock.now() - began,
          ...(requestId === undefined ? {} : { requestId }),
        });
        return came;
      },
      drop: () =>
        void line.then(
          ({ end }) => end(),
          () => {},
        ),
    };
  };
}

/** A request that waits for its head, and for so long. */
async function connecting({ address, agent: pool, proxy }: Way, { method, path, limit, withinMs }: Ask) {
  const agent = await pool();
  // Verified in so many words: NODE_TLS_REJECT_UNAUTHORIZED must not switch it off.
  const outgoing = https().request({ method, path, ...address, agent, rejectUnauthorized: true });
  const { begun, outcome, end } = listen(outgoing, limit, proxy?.name);
  let timer = setTimeout(end, Math.max(1, withinMs), expired);
  let isOver = false;
  void outcome.then(() => {
    isOver = true;
    clearTimeout(timer);
  });
  const within = (ms: number): void => {
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(end, Math.max(1, ms), expired);
  };
  return { outgoing, begun, outcome, end, within };
}

/** When the answer was made, by the clock of whoever made it: epoch milliseconds. */
export function timeOf({ headers }: Pick<Reply, "headers">): { at?: number } {
  const at = Date.parse(headers.date ?? "");
  return Number.isNaN(at) ? {} : { at };
}

export function requestIdOf(reply: Reply): string | undefined {
  // Microsoft Graph has a name of its own for it.
  const id = reply.headers["x-ms-request-id"] ?? reply.headers["request-id"];
  return typeof id === "string" && /^[\w.-]{1,80}$/.test(id) ? id : undefined;
}
