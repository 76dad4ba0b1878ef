import type { Clock } from "../../kernel/clock.ts";

/** Key Vault takes 300 new secrets in ten seconds; somebody else may be at work as well. */
export const creations = { most: 280, windowMs: 10_000 };

/** Resolves when one more may begin, so that no window of that length sees more than `most` begin. */
export function paced(clock: Clock, pause: (ms: number) => Promise<void>, { most, windowMs }: typeof creations): () => Promise<void> {
  const begun: number[] = [];
  return async () => {
    const now = clock.now();
    const turn = Math.max(now, (begun.at(-most) ?? -Infinity) + windowMs);
    begun.push(turn);
    if (turn > now) await pause(turn - now);
  };
}
