/** Tries the first such system call, the second, and so on until none is left to kill at. Gives how often it killed. */
export async function sweep(call: string, attempt: (nth: number) => Promise<"killed" | "ended">): Promise<number> {
  for (let [nth, points] = [1, 0]; ; nth += stride(call, nth), points++) {
    if ((await attempt(nth)) === "ended") return points;
  }
}

/** Words before a command: it is killed with -9 at that call. `paths`: of calls on these alone. */
export function killedAt(call: string, nth: number, paths: readonly string[] = []): string[] {
  const watched = paths.flatMap((path) => ["-P", path]);
  return ["strace", "-f", "-qq", "-o", "/dev/null", ...watched, "-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${nth}`];
}

// The many plain writes are sampled, each of the rest is tried.
function stride(call: string, nth: number): number {
  return call.includes("write") && nth > 12 ? 5 : 1;
}
