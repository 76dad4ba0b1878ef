import type { Duty } from "../../kernel/duty.ts";
import { errorDocument, UscError } from "../../kernel/errors.ts";
import type { Stored } from "../../kernel/store.ts";
import { restAfter } from "./back-off.ts";
import type { Desk } from "./deps.ts";
import { type Lease, takeLease } from "./lease.ts";
import type { DutyState } from "./model.ts";

/**
 * Runs a duty under a lease of its own, and writes down what came of it. `found`: where it stood when it was decided to run it; `conflict` if another
 * process was faster, or has taken over meanwhile.
 */
export async function takeTurn(desk: Desk, duty: Duty, found: Stored<DutyState> | undefined, stop: AbortSignal): Promise<string> {
  const { clock } = desk;
  const began = clock.now();
  const lease = await takeLease(desk, duty.name, found);
  const { hold, commit, lost } = lease;
  const ended = new AbortController();
  const beating = signsOfLife(desk, lease, ended.signal);
  try {
    const detail = await duty.run({
      began,
      last: found?.value.succeeded,
      signal: AbortSignal.any([stop, lost]),
      hold,
      commit: (changes) => commit(changes),
    });
    await commit([], { until: 0, ended: clock.now(), outcome: "ok", detail, succeeded: began, failures: 0, rest: undefined });
    return detail;
  } catch (thrown) {
    const error = stop.aborted && thrown === stop.reason ? toldToStop() : thrown;
    const outcome = failed(desk, error, found?.value.failures ?? 0, stop.aborted);
    // What it failed of is the better news; if this is not written either, the lease ends by itself.
    if (!lost.aborted) await commit([], outcome).catch(() => {});
    throw error;
  } finally {
    ended.abort();
    await beating;
  }
}

/** Who says stop need not say why. */
const toldToStop = (): UscError =>
  new UscError("interrupted", "Stopped. What is left to do is done in the next turn.", { hint: "`usc duty run` goes on from here." });

/** Whoever is paused gives none. The turn itself meets a lease that is lost, or a store that fails, at its next step. */
async function signsOfLife({ clock, leaseMs }: Desk, { hold }: Lease, end: AbortSignal): Promise<void> {
  while (!end.aborted) {
    await clock.sleep(leaseMs / 2, end).catch(() => {});
    if (!end.aborted) await hold().catch(() => {});
  }
}

/** To be stopped is no failure: the next one goes on at once. */
function failed({ clock, random }: Desk, error: unknown, failures: number, stopped: boolean): Partial<DutyState> {
  const now = clock.now();
  const { code, error: detail, retry_after: after = 0 } = errorDocument(error);
  const ended = { until: 0, ended: now, outcome: code, detail };
  if (stopped) return ended;
  return { ...ended, failures: failures + 1, rest: now + restAfter(failures + 1, after * 1000, random) };
}
