import type { Clock } from "../../kernel/clock.ts";
import type { Outcome } from "./transport.ts";

const tries = 4;
const firstWaitMs = 500;

export interface Patience {
  clock: Clock;
  /** Epoch milliseconds. */
  deadline: number;
  perRequestMs: number;
}

/** Sends again what may be sent again: a read after a hiccup, a write only when Azure says that it did not look at it (429). */
export async function persist(
  patience: Patience,
  effect: "read" | "write",
  send: (withinMs: number) => Promise<Outcome>,
): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const left = patience.deadline - patience.clock.now();
    const outcome = await send(Math.min(patience.perRequestMs, left));
    if (attempt === tries || !mayRepeat(outcome, effect)) return outcome;
    // Half of the wait is chance: many clients that were throttled together must not come back together.
    const wait = retryAfterMs(outcome) ?? firstWaitMs * 2 ** (attempt - 1) * (0.5 + Math.random());
    if (patience.clock.now() + wait >= patience.deadline) return outcome;
    await patience.clock.sleep(wait);
  }
}

function mayRepeat({ reply, failure }: Outcome, effect: "read" | "write"): boolean {
  if (reply?.status === 429) return true;
  if (effect === "write") return false;
  // A host that refuses, is unknown or is not trusted will be so in a second as well.
  return reply === undefined ? failure.kind === "reset" || failure.kind === "timeout" : reply.status >= 500;
}

export function retryAfterMs({ reply }: Pick<Outcome, "reply">): number | undefined {
  const seconds = reply?.headers["retry-after"];
  return seconds !== undefined && /^[0-9]{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined;
}
