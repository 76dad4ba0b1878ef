import type { Change } from "./store.ts";

/**
 * Terminology
 *   duty  work that falls due while nobody types: a sweep, a notice, a delivery
 *   turn  one run of a duty by one process, under a lease that ends by itself: who is killed or paused loses it to whoever comes next
 */
export interface Duty {
  /** Kebab-case, the same for ever: its state is kept under it. */
  name: string;
  summary: string;
  /**
   * When it should run next, epoch milliseconds; at once if that is past; undefined while there is nothing to wait for. `last`: when it last began
   * a run that succeeded. Cheap: it is asked every few seconds, and reads the store alone.
   */
  due(now: number, last: number | undefined): Promise<number | undefined>;
  /** One sentence on what was done. Safe to repeat: whoever takes over begins anew. A failure is tried again later, with back-off. */
  run(turn: Turn): Promise<string>;
}

export interface Turn {
  /** Epoch milliseconds at which it began. */
  began: number;
  /** When the last run that succeeded began. */
  last: number | undefined;
  /** Aborts when the process should stop or the turn is lost. */
  signal: AbortSignal;
  /** Call before each request to the outside: throws `conflict` if another process has taken over, else the lease begins anew. */
  hold(): Promise<void>;
  /** `Store.commit` for a duty: nothing is written if another process has taken over. */
  commit(changes: readonly Change[]): Promise<void>;
}
