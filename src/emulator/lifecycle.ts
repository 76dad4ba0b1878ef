import { epochSeconds } from "./clock.ts";
import type { ObjectErrors } from "./object-errors.ts";
import { vaultErrors } from "./vault-errors.ts";

/**
 * Terminology.
 * Phase: where an object stands between life and purge; `until` is epoch milliseconds.
 * Deleting: gone from the live ones, not yet among the deleted. Recovering and purging: still in the way of a new object of that name.
 */
type Phase = { is: "live" } | { is: "deleting"; until: number } | { is: "deleted" } | { is: "recovering" | "purging"; until: number };

/** What soft deletion does is the same for every kind of object. */
export interface Mortal {
  name: string;
  phase: Phase;
  deletedDate?: number;
  scheduledPurgeDate?: number;
}

export interface Delays {
  delete: number;
  recover: number;
  purge: number;
}

/** Objects of one kind, by lower-case name: names differ in case only for the eye. */
export interface Kin<T extends Mortal> {
  all: Map<string, T>;
  errors: ObjectErrors;
}

export const recoverableDays = 90;

/** The object as it stands at `now`: phases end by themselves. */
export function find<T extends Mortal>({ all }: Pick<Kin<T>, "all">, name: string, now: number): T | undefined {
  const key = name.toLowerCase();
  const object = all.get(key);
  if (object === undefined) return undefined;
  const { phase } = object;
  if (phase.is === "deleting" && now >= phase.until) object.phase = { is: "deleted" };
  if (phase.is === "recovering" && now >= phase.until) {
    object.phase = { is: "live" };
    delete object.deletedDate;
    delete object.scheduledPurgeDate;
  }
  const retentionIsOver = object.phase.is === "deleted" && epochSeconds(now) >= (object.scheduledPurgeDate ?? Infinity);
  if ((phase.is === "purging" && now >= phase.until) || retentionIsOver) {
    all.delete(key);
    return undefined;
  }
  return object;
}

/** In the order of the service's lists: by name, without regard to case. */
export function among<T extends Mortal>(kin: Kin<T>, phase: "live" | "deleted", now: number): T[] {
  const found: [string, T][] = [];
  for (const key of kin.all.keys()) {
    const object = find(kin, key, now);
    const shown = phase === "live" ? object?.phase.is === "live" : object?.phase.is === "deleted" || object?.phase.is === "recovering";
    if (object !== undefined && shown) found.push([key, object]);
  }
  return found.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
}

export function live<T extends Mortal>(kin: Kin<T>, name: string, now: number): T {
  const object = find(kin, name, now);
  if (object?.phase.is !== "live") throw kin.errors.notFound(name);
  return object;
}

export function deleted<T extends Mortal>(kin: Kin<T>, name: string, now: number): T {
  const object = find(kin, name, now);
  if (object?.phase.is !== "deleted" && object?.phase.is !== "recovering") throw kin.errors.deletedNotFound(name);
  return object;
}

/** The object that a new version would join, undefined for a name that is free. */
export function writable<T extends Mortal>(kin: Kin<T>, name: string, now: number): T | undefined {
  const object = find(kin, name, now);
  if (object === undefined) return undefined;
  const { is } = object.phase;
  if (is === "deleting" || is === "purging") throw kin.errors.setWhileDeleting(object.name);
  if (is === "recovering") throw kin.errors.recovering(object.name);
  if (is === "deleted") throw kin.errors.recoverable(object.name);
  return object;
}

export function beginDelete(object: Mortal, now: number, delays: Delays): void {
  object.deletedDate = epochSeconds(now);
  object.scheduledPurgeDate = object.deletedDate + recoverableDays * 86_400;
  object.phase = { is: "deleting", until: now + delays.delete };
}

export function beginRecover<T extends Mortal>(kin: Kin<T>, name: string, now: number, delays: Delays): T {
  const object = find(kin, name, now);
  if (object === undefined) throw kin.errors.deletedNotFound(name);
  if (object.phase.is === "live") throw kin.errors.notDeleted(object.name);
  if (object.phase.is === "recovering") throw kin.errors.recovering(object.name);
  if (object.phase.is !== "deleted") throw kin.errors.recoverWhileDeleting(object.name);
  object.phase = { is: "recovering", until: now + delays.recover };
  return object;
}

export function beginPurge<T extends Mortal>(
  kin: Kin<T>,
  name: string,
  now: number,
  rules: { delays: Delays; protectedIn: { vault: string; region: string } | undefined },
): T {
  const object = find(kin, name, now);
  if (object === undefined || object.phase.is === "live" || object.phase.is === "purging") throw kin.errors.deletedNotFound(name);
  if (object.phase.is === "deleting") throw kin.errors.purgeWhileDeleting();
  if (object.phase.is === "recovering") throw kin.errors.recovering(object.name);
  if (rules.protectedIn !== undefined) throw vaultErrors.purgeProtected(rules.protectedIn.vault, rules.protectedIn.region);
  object.phase = { is: "purging", until: now + rules.delays.purge };
  return object;
}
