/** A clock that stands still until it is moved, or somebody sleeps: so nobody waits. */
export function stillClock(start = Date.UTC(2026, 0, 1)) {
  let now = start;
  const sleeps: number[] = [];
  const advance = (ms: number): void => void (now += ms);
  return {
    /** How long others slept. */
    sleeps,
    advance,
    now: () => now,
    async sleep(ms: number): Promise<void> {
      sleeps.push(ms);
      advance(ms);
    },
  };
}
