import type { Delays } from "./lifecycle.ts";

/** How the local Azure behaves as a whole; the control API changes it. What one vault's owner decides stands at the vault. Times are milliseconds. */
export interface Settings {
  /** `issue`: how long an issuer takes to sign, or to notice that it shall not. */
  delays: Delays & { issue: number };
  /** Empty pages, each with a nextLink, before every page of a list. */
  emptyPages: number;
  /** Requests that a vault takes in ten seconds. */
  perTenSeconds: number | undefined;
  /** Seconds in the Retry-After of a 429. The service sends none. */
  retryAfter: number | undefined;
  /** Added to every answer, as distance would. */
  roundTripMs: number;
}

export function defaultSettings(): Settings {
  return {
    delays: { delete: 200, recover: 100, purge: 100, issue: 200 },
    emptyPages: 0,
    perTenSeconds: undefined,
    retryAfter: undefined,
    roundTripMs: 0,
  };
}
