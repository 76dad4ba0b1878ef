/** The only source of time. Tests and the emulator are handed one that moves by command. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          reject(signal.reason);
        },
        { once: true },
      );
    }),
};

/** A stored time, unless it lies further ahead than anybody sets one: then a clock that ran ahead has written it, and it counts as long past. */
export const credible = (time: number, now: number, mostAheadMs: number): number => (time > now + mostAheadMs ? 0 : time);

/** RFC 3339 in UTC, without fractions: the one spelling of a time in our answers. */
export function rfc3339(epochMs: number): string {
  const second = Math.floor(epochMs / 1000);
  if (second !== last.second) last = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  return last.text;
}

/** Most of the times that are spelled are of now. */
let last = { second: Number.NaN, text: "" };
