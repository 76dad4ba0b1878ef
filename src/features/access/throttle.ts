import type { Clock } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";

const free = 5;
const firstWaitMs = 1000;
const longestWaitMs = 300_000;
const most = 10_000;

/** Slows whoever tries keys: a few mistakes are free, and from then on each one doubles the wait. */
export interface Throttle {
  /** Throws `gateway_unauthenticated` while this id has to wait. */
  enter(accessId: string): void;
  failed(accessId: string): void;
  passed(accessId: string): void;
}

export function throttle(clock: Clock): Throttle {
  const tries = new Map<string, { failures: number; until: number }>();
  const keyOf = (accessId: string): string => accessId.normalize("NFKC").trim().toLowerCase().slice(0, 100);
  return {
    enter(accessId) {
      const { until = 0 } = tries.get(keyOf(accessId)) ?? {};
      const waitMs = until - clock.now();
      if (waitMs <= 0) return;
      throw new UscError("gateway_unauthenticated", "Too many wrong keys were tried for this access id.", {
        retryAfter: Math.ceil(waitMs / 1000),
        hint: "Wait, and check the key.",
      });
    },
    failed(accessId) {
      const key = keyOf(accessId);
      const failures = (tries.get(key)?.failures ?? 0) + 1;
      const waitMs = failures < free ? 0 : Math.min(firstWaitMs * 2 ** (failures - free), longestWaitMs);
      // Anew at the end: whoever invents ids pushes out the oldest inventions.
      tries.delete(key);
      tries.set(key, { failures, until: clock.now() + waitMs });
      const [oldest] = tries.keys();
      if (tries.size > most && oldest !== undefined) tries.delete(oldest);
    },
    passed: (accessId) => void tries.delete(keyOf(accessId)),
  };
}
