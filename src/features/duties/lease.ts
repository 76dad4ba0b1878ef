import { isCode, UscError } from "../../kernel/errors.ts";
import type { Change, Stored } from "../../kernel/store.ts";
import type { Desk } from "./deps.ts";
import { type DutyState, dutyStates } from "./model.ts";

export interface Lease {
  /** Aborts when it is known that another process has taken over. */
  lost: AbortSignal;
  /** Throws `conflict` if another process has taken over, else the lease begins anew. */
  hold(): Promise<void>;
  /** Nothing is written if another process has taken over. `next`: what the duty's record says from then on. */
  commit(changes: readonly Change[], next?: Partial<DutyState>): Promise<void>;
}

/** Takes the lease of a duty that stood as `found`; `conflict` if another process was faster. */
export async function takeLease(
  { store, clock, holder, leaseMs }: Desk,
  name: string,
  found: Stored<DutyState> | undefined,
): Promise<Lease> {
  const states = store.collection(dutyStates);
  const began = clock.now();
  let state: DutyState = { failures: 0, ...found?.value, holder, began, until: began + leaseMs };
  await store.commit([states.put(name, state, found?.revision ?? 0)]);
  let revision = (found?.revision ?? 0) + 1;

  const lost = new AbortController();
  const refuseIfLost = async (): Promise<void> => {
    if (!lost.signal.aborted && (await states.get(name))?.revision === revision) return;
    lost.abort(new UscError("conflict", `Another process has taken over the duty ${name}.`));
    lost.signal.throwIfAborted();
  };
  // One after the other: each moves the revision that the next one names.
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(act: () => Promise<T>): Promise<T> => {
    const done = last.then(act);
    last = done.catch(() => {});
    return done;
  };
  const commit: Lease["commit"] = (changes, next = {}) =>
    inOrder(async () => {
      const written = { ...state, until: clock.now() + leaseMs, ...next };
      try {
        await store.commit([states.put(name, written, revision), ...changes]);
      } catch (error) {
        if (isCode(error, "conflict") || isCode(error, "not_found")) await refuseIfLost();
        throw error;
      }
      state = written;
      revision += 1;
    });
  return {
    lost: lost.signal,
    commit,
    hold: () => (state.until - clock.now() < (leaseMs * 2) / 3 ? commit([]) : inOrder(refuseIfLost)),
  };
}
