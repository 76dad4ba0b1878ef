const window = 10_000;

/** Whether a vault takes one more request. What it refuses does not count towards the limit. */
export type Throttle = (vault: string, now: number, perTenSeconds: number | undefined) => boolean;

export function createThrottle(): Throttle {
  const taken = new Map<string, number[]>();
  return (vault, now, perTenSeconds) => {
    if (perTenSeconds === undefined) return true;
    const recent = (taken.get(vault) ?? []).filter((at) => at > now - window);
    taken.set(vault, recent);
    if (recent.length >= perTenSeconds) return false;
    recent.push(now);
    return true;
  };
}
