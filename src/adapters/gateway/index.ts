import { Agent as PlainAgent, request as plainRequest, type ClientRequest } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import type { Gateway, GatewayRequest } from "../../features/profiles/port.ts";
import { beside, type Client, unpacked } from "../../kernel/beside.ts";
import type { Clock } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { expired } from "../network/failures.ts";
import { listen, type Outcome, type Reply } from "../network/listen.ts";
import { present } from "../../kernel/present.ts";
import type { Steps } from "../../kernel/steps.ts";
import { proxyFor } from "../network/proxy.ts";
import { gatewayAddress, isLoopback, type Place } from "./address.ts";
import { told, unreached } from "./answers.ts";

/** What `--verbose` tells of a request; never a value or a token. */
export interface Call {
  method: string;
  url: string;
  status?: number;
  ms: number;
  /** The gateway's own. */
  requestId?: string;
}

export interface GatewayOptions {
  place: Place;
  environment: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  onCall?: ((call: Call) => void) | undefined;
  steps: Pick<Steps, "confirm" | "warn">;
  /** Somebody sits at a terminal, and wants to be asked before a purge. */
  isAsked: () => boolean;
  /** Ends what is under way: `interrupted`. */
  signal: AbortSignal;
}

// As long as a kept list of a large vault is, and no longer than a text may be.
const mostBytes = 256 * 1024 * 1024;
const connectMs = 10_000;

/** A gateway over HTTP: one connection for a login and the call behind it. */
export function gatewayAt(options: GatewayOptions): Gateway {
  const { place, clock, onCall, signal, steps, isAsked } = options;
  const way = wayTo(options);
  const url = gatewayAddress(place);
  const heard = async (asked: GatewayRequest, client: Client): Promise<Reply> => {
    const began = clock.now();
    const came = await send(way, signal, client, asked);
    onCall?.({ method: "POST", url: `${url}/${asked.route}`, ...toldOf(came.reply), ms: clock.now() - began });
    if (signal.aborted) throw stopped(asked);
    if (came.reply === undefined) throw unreached(came.failure, url, asked);
    unpacked(came.reply.headers[beside.warnings]).forEach((sentence) => steps.warn(sentence));
    return came.reply;
  };
  return {
    async post(asked) {
      const reply = await heard(asked, isAsked() ? "terminal" : "script");
      const [question] = unpacked(reply.headers[beside.question]);
      if (question === undefined) return told(reply, url);
      await steps.confirm(question);
      return told(await heard(asked, "script"), url);
    },
  };
}

function toldOf(reply: Reply | undefined): Pick<Call, "status" | "requestId"> {
  const id = reply?.headers["x-request-id"];
  return present({ status: reply?.status, requestId: typeof id === "string" ? id : undefined });
}

const stopped = ({ route, effect }: GatewayRequest): UscError =>
  effect === "read"
    ? new UscError("interrupted", "Stopped before the gateway had answered.")
    : new UscError("interrupted", `Stopped before the gateway had answered; it goes on with ${route} all the same.`, {
        hint: "Look before you repeat the command: `usc audit list` at the gateway tells how it ended.",
      });

interface Way {
  request: (asked: GatewayRequest) => ClientRequest;
  proxy: string | undefined;
}

/** Without TLS never through a proxy: what is allowed to be read on the way is allowed on this way alone. */
function wayTo({ place, environment }: GatewayOptions): Way {
  const { secure, port, prefix } = place;
  const proxy = secure && !isLoopback(place.host) ? proxyFor(environment, place) : undefined;
  const host = place.host.replace(/^\[|\]$/gu, "");
  const agent = secure
    ? new SecureAgent({ keepAlive: true, rejectUnauthorized: true, ...(proxy ? { proxyEnv: { HTTPS_PROXY: proxy.url } } : {}) })
    : new PlainAgent({ keepAlive: true });
  const request = secure ? secureRequest : plainRequest;
  return { proxy: proxy?.name, request: ({ route }) => request({ method: "POST", host, port, path: `${prefix}/${route}`, agent }) };
}

const headersOf = ({ token }: GatewayRequest, client: Client, length: number) => ({
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  "content-type": "application/json",
  accept: "application/json",
  "content-length": length,
  [beside.client]: client,
});

function send({ request, proxy }: Way, signal: AbortSignal, client: Client, asked: GatewayRequest): Promise<Outcome> {
  const outgoing = request(asked);
  const body = Buffer.from(JSON.stringify(asked.body));
  const { outcome, end } = listen(outgoing, mostBytes, proxy, () => clearTimeout(connecting));
  const total = setTimeout(end, asked.withinMs, expired);
  const connecting = setTimeout(end, Math.min(connectMs, asked.withinMs), expired);
  const hangUp = (): void => end();
  signal.addEventListener("abort", hangUp, { once: true });
  void outcome.then(() => {
    clearTimeout(total);
    clearTimeout(connecting);
    signal.removeEventListener("abort", hangUp);
  });
  for (const [name, value] of Object.entries(headersOf(asked, client, body.length))) outgoing.setHeader(name, value);
  outgoing.end(body);
  return outcome;
}
