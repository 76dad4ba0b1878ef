import { setTimeout as wait } from "node:timers/promises";

/** `now` is in epoch milliseconds. `sleep` ends early, without throwing, when the signal aborts. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A clock that the control API can move. The shift touches `now` alone: a sleep lasts as long as it lasts. */
export interface ShiftableClock extends Clock {
  advance(ms: number): void;
  moveTo(ms: number): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      // Aborted: whoever aborted knows.
    }
  },
};

export function shiftable(clock: Clock): ShiftableClock {
  let shift = 0;
  return {
    now: () => clock.now() + shift,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    advance(ms) {
      shift += ms;
    },
    moveTo(ms) {
      shift = ms - clock.now();
    },
  };
}

export function epochSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
