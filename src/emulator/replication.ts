import type { Arrival } from "./directory.ts";

/** How long each thing takes from its writing until it is there, in milliseconds of the local Azure's clock. Each one starts its own. */
export interface Replication {
  applications: number;
  servicePrincipals: number;
  users: number;
  groups: number;
  /** Of groups. */
  members: number;
  /** Of applications and service principals, until they log in. */
  secrets: number;
  /** Of such a secret, until Graph shows it and can remove it. */
  keys: number;
  /** Of such a secret, until it logs in no more. */
  removals: number;
  /** Of users: until then the one before logs in. */
  passwords: number;
  /** Until ARM knows a principal. */
  arm: number;
}

export type ReplicationKind = keyof Replication;

export function everyKind(ms: number): Replication {
  const objects = { applications: ms, servicePrincipals: ms, users: ms, groups: ms, members: ms };
  return { ...objects, secrets: ms, keys: ms, removals: ms, passwords: ms, arm: ms };
}

/** Without a delay it is there at once, even when the clock is turned back. */
export function arrivalAfter(ms: number, now: number): number {
  return ms === 0 ? 0 : now + ms;
}

export function arrivalOf(kind: ReplicationKind, replication: Replication, now: number): Arrival {
  return { graph: arrivalAfter(replication[kind], now), arm: arrivalAfter(replication.arm, now) };
}
