import type { Clock } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";

/** How much is borne with: `free` mistakes, then waits that double up to the longest. What is older than `forgottenMs` does not count. */
interface Patience {
  free: number;
  longestMs: number;
  forgottenMs: number;
}

// Behind one address may be a whole office: it may err more often, and waits less.
const ofId: Patience = { free: 5, longestMs: 300_000, forgottenMs: 86_400_000 };
const ofSource: Patience = { free: 30, longestMs: 30_000, forgottenMs: 600_000 };
const firstWaitMs = 1000;
const most = 10_000;

/** Slows whoever tries keys: for one access id, and from one source for many. */
export interface Throttle {
  /** Throws `gateway_unauthenticated` while this id or this source has to wait. */
  enter(accessId: string, source: string | undefined): Attempt;
}

interface Attempt {
  failed(): void;
  passed(): void;
}

export function throttle(clock: Clock): Throttle {
  const ids = counter(clock, ofId);
  const sources = counter(clock, ofSource);
  return {
    enter(accessId, source) {
      const id = accessId.normalize("NFKC").trim().toLowerCase().slice(0, 100);
      refuse(ids.waitMs(id), "for this access id");
      if (source !== undefined) refuse(sources.waitMs(source), "from this address");
      return {
        failed() {
          ids.add(id);
          if (source !== undefined) sources.add(source);
        },
        // A good key says nothing of the others that were tried from there.
        passed: () => ids.forget(id),
      };
    },
  };
}

function refuse(waitMs: number, whose: string): void {
  if (waitMs <= 0) return;
  throw new UscError("gateway_unauthenticated", `Too many wrong keys were tried ${whose}.`, {
    retryAfter: Math.ceil(waitMs / 1000),
    hint: "Wait, and check the key.",
  });
}

function counter(clock: Clock, { free, longestMs, forgottenMs }: Patience) {
  const tries = new Map<string, { failures: number; at: number; until: number }>();
  return {
    waitMs: (key: string): number => (tries.get(key)?.until ?? 0) - clock.now(),
    add(key: string): void {
      const now = clock.now();
      const before = tries.get(key);
      const failures = (before === undefined || now - before.at > forgottenMs ? 0 : before.failures) + 1;
      const waitMs = failures < free ? 0 : Math.min(firstWaitMs * 2 ** (failures - free), longestMs);
      // Anew at the end: whoever invents keys pushes out the oldest inventions.
      tries.delete(key);
      tries.set(key, { failures, at: now, until: now + waitMs });
      const [oldest] = tries.keys();
      if (tries.size > most && oldest !== undefined) tries.delete(oldest);
    },
    forget: (key: string): void => void tries.delete(key),
  };
}
