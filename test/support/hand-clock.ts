import type { Clock } from "../../src/kernel/clock.ts";

/** A clock that stands still until it is moved; who sleeps wakes in the order of time. */
export function handClock(start = Date.UTC(2026, 0, 1)) {
  let now = start;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const clock: Clock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", () => {
          if (sleepers.delete(sleeper)) reject(signal.reason);
        });
      }),
  };
  const advance = async (ms: number): Promise<void> => {
    const end = now + ms;
    for (;;) {
      await settle();
      const [next] = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      now = Math.max(now, next.at);
      sleepers.delete(next);
      next.wake();
    }
    now = end;
    await settle();
  };
  /** As somebody who sets the machine's clock: nobody is woken. */
  const set = (time: number): void => void (now = time);
  return { clock, advance, set };
}
