import type { Clock } from "../../kernel/clock.ts";
import type { Outcome, Reply } from "./transport.ts";

const firstWaitMs = 500;
const longestWaitMs = 16_000;
const hiccupRetries = 3;
/** Key Vault counts over ten seconds: so many waits outlive that. */
const throttledRetries = 6;

export interface Patience {
  clock: Clock;
  /** Epoch milliseconds. */
  deadline: number;
  perRequestMs: number;
  /** Default: by what it was. */
  maxRetries?: number | undefined;
  /** Waits until one more request is welcome. */
  turn?: () => Promise<void>;
}

/** Sends again what may be sent again: a read after a hiccup, a write only when it was not looked at (429) or did not leave this machine. */
export async function persist(
  patience: Patience,
  effect: "read" | "write",
  send: (withinMs: number) => Promise<Outcome>,
): Promise<Outcome> {
  const { clock, deadline, perRequestMs, maxRetries } = patience;
  for (let retries = 0; ; retries += 1) {
    await patience.turn?.();
    const left = deadline - clock.now();
    if (left <= 0) return { failure: { kind: "no-time", sent: false } };
    const outcome = await send(Math.min(perRequestMs, left));
    const most = maxRetries ?? (outcome.reply?.status === 429 ? throttledRetries : hiccupRetries);
    if (retries >= most || !mayRepeat(outcome, effect)) return outcome;
    const wait = (outcome.reply && retryAfterMs(outcome.reply)) ?? waitMs(retries);
    if (clock.now() + wait >= deadline) return outcome;
    await clock.sleep(wait);
  }
}

/** Half of the wait is chance: many clients that were throttled together must not come back together. */
export function waitMs(retries: number): number {
  return Math.min(firstWaitMs * 2 ** retries, longestWaitMs) * (0.5 + Math.random());
}

function mayRepeat({ reply, failure }: Outcome, effect: "read" | "write"): boolean {
  if (reply !== undefined) return reply.status === 429 || (effect === "read" && reply.status >= 500);
  if (effect === "write" && failure.sent) return false;
  // A host that refuses, is unknown or is not trusted will be so in a second as well.
  return failure.kind === "reset" || failure.kind === "timeout";
}

/** Seconds, or a date: which counts from the answer's own date, whatever our clock says. */
export function retryAfterMs({ headers }: Reply): number | undefined {
  const after = headers["retry-after"];
  if (after === undefined) return undefined;
  if (/^[0-9]{1,6}$/.test(after)) return Number(after) * 1000;
  const wait = Date.parse(after) - Date.parse(headers.date ?? "");
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}
