import type { Delays } from "./lifecycle.ts";
import { everyKind, type Replication } from "./replication.ts";

/** How the local Azure behaves as a whole; the control API changes it. What one vault's owner decides stands at the vault. Times are milliseconds. */
export interface Settings {
  /** `issue`: how long an issuer takes to sign, or to notice that it shall not. `role`: how long an assignment, or its end, takes to count. */
  delays: Delays & { issue: number; role: number };
  /** Empty pages, each with a nextLink, before every page of a list. */
  emptyPages: number;
  /** Requests that a vault takes in ten seconds. */
  perTenSeconds: number | undefined;
  /** Seconds in the Retry-After of a 429. The service sends none. */
  retryAfter: number | undefined;
  /** Requests that ARM takes from one caller in ten seconds, and the seconds in the Retry-After of its 429. */
  arm: { perTenSeconds: number | undefined; retryAfter: number };
  /** Added to every answer, as distance would. */
  roundTripMs: number;
  replication: Replication;
  graph: GraphSettings;
  /** Whether the tenant lets a user's name and password be enough. */
  userLogin: UserLogin;
}

export interface GraphSettings {
  /** Requests that one application may make in ten seconds. */
  perTenSeconds: number | undefined;
  /** Seconds in the Retry-After of a 429. */
  retryAfter: number;
  /** How many secrets one application, or one service principal, can hold. */
  secrets: number;
}

export const userLogins = ["password", "mfa", "blocked"] as const;
export type UserLogin = (typeof userLogins)[number];

export function defaultSettings(): Settings {
  return {
    delays: { delete: 200, recover: 100, purge: 100, issue: 200, role: 200 },
    emptyPages: 0,
    perTenSeconds: undefined,
    retryAfter: undefined,
    arm: { perTenSeconds: undefined, retryAfter: 10 },
    roundTripMs: 0,
    replication: everyKind(0),
    // Microsoft names no number of secrets: at about 600 an application is full (microsoft-graph-docs#21469, of certificates).
    graph: { perTenSeconds: undefined, retryAfter: 10, secrets: 600 },
    userLogin: "password",
  };
}
