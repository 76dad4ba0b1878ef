import { Agent, request } from "node:http";
import type { Clock } from "../../kernel/clock.ts";
import { expired } from "../network/failures.ts";
import { listen, type Outcome } from "../network/listen.ts";
import type { Call } from "./transport.ts";

const limit = 64 * 1024;

interface How {
  /** Milliseconds until a connection must stand, and until the answer must be whole. */
  connectMs: number;
  withinMs: number;
  clock: Clock;
  onCall: ((call: Call) => void) | undefined;
}

/**
 * A request in the clear, for the identity service of a machine and nobody else: directly, whatever proxy is set, and without following a redirect.
 * An agent of its own, since Node's shared one can be told to use a proxy. Never rejects.
 */
export async function plainGet(
  url: string,
  headers: Record<string, string>,
  { connectMs, withinMs, clock, onCall }: How,
): Promise<Outcome> {
  const began = clock.now();
  const agent = new Agent();
  const outgoing = request(url, { agent, headers });
  const { outcome, end } = listen(outgoing, limit, undefined, () => clearTimeout(connecting));
  const total = setTimeout(end, Math.max(1, withinMs), expired);
  const connecting = setTimeout(end, Math.max(1, Math.min(connectMs, withinMs)), expired);
  outgoing.end();
  const came = await outcome;
  clearTimeout(total);
  clearTimeout(connecting);
  agent.destroy();
  onCall?.({ method: "GET", url, ...(came.reply === undefined ? {} : { status: came.reply.status }), ms: clock.now() - began });
  return came;
}
