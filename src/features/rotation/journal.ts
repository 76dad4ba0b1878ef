import { credible } from "../../kernel/clock.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import type { Change, Stored } from "../../kernel/store.ts";
import type { Engine, Manner } from "./deps.ts";
import { type Phase, type Rotation, rotations, Work } from "./model.ts";

/** Who dies, or is paused, holds an item up no longer than this. */
const leaseMs = 60_000;

export interface Stand {
  phase: Phase;
  work: Work;
}

/** A rotation that this process carries out. Every write moves the record's revision on: who lost it fails at its next one, whatever its clock says. */
export interface Held {
  readonly path: string;
  readonly id: number;
  /** Epoch milliseconds. */
  readonly began: number;
  readonly stand: Stand;
  /** Before each request to Azure: throws `conflict` when another process has taken over. */
  hold(doing: string): Promise<void>;
  advance(next: Partial<Stand>, changes?: readonly Change[]): Promise<void>;
  /** The rotation is over. */
  close(changes?: readonly Change[]): Promise<void>;
  /** Whoever comes next goes on at once. */
  release(changes?: readonly Change[]): Promise<void>;
  /** Whether another process has it now. */
  isLost(): Promise<boolean>;
  pause(ms: number): Promise<void>;
}

/** The record of a new rotation: `conflict` if there is one. For the commit that begins it. */
export function intent({ store, clock }: Engine, path: string, id: number, stand: Stand): Change {
  return store.collection(rotations).put(path, recordOf({ id, began: clock.now() }, stand, clock.now() + leaseMs), 0);
}

/** That nobody is at work on an item: for the commit of who changes it. */
export const untouched = ({ store }: Pick<Engine, "store">, path: string): Change => store.collection(rotations).vacant(path);

export const unfinished = ({ store }: Pick<Engine, "store">, path: string): Promise<Stored<Rotation> | undefined> =>
  store.collection(rotations).get(path);

const standOf = ({ phase, work }: Rotation): Stand => ({ phase, work: Work().parse(JSON.parse(work)) });

/** When whoever began it holds it up no more. */
export const endOf = ({ until }: Rotation, now: number): number => credible(until, now, leaseMs);

/** Goes on with one that was left behind; `conflict` while whoever began it may be at work. */
export async function takeOver(engine: Engine, manner: Manner, { key, value, revision }: Stored<Rotation>): Promise<Held> {
  const now = engine.clock.now();
  const left = endOf(value, now) - now;
  if (left > 0) throw underWay(key, left);
  const stand = standOf(value);
  await manner.commit([engine.store.collection(rotations).put(key, recordOf(value, stand, now + leaseMs), revision)]);
  return heldBy(engine, manner, { key, value, revision: revision + 1 }, stand);
}

export function underWay(path: string, leftMs = leaseMs): UscError {
  return new UscError("conflict", `The rotated secret ${path} is being rotated by another process.`, {
    hint: "If that one has died, repeat the command after the time that `retry_after` tells.",
    retryAfter: Math.ceil(leftMs / 1000),
  });
}

const takenOver = (path: string): UscError =>
  new UscError("conflict", `The rotation of ${path} was taken over by another process.`, {
    hint: "`usc rotated-secret list` says what came of it.",
  });

export function heldBy(
  engine: Engine,
  manner: Manner,
  begun: Pick<Stored<Rotation>, "key" | "revision"> & { value: Pick<Rotation, "id" | "began"> },
  first: Stand,
): Held {
  const { clock, store } = engine;
  const journal = store.collection(rotations);
  const { key, value } = begun;
  let { revision } = begun;
  let stand = first;
  let until = clock.now() + leaseMs;
  const isLost = async (): Promise<boolean> => (await journal.get(key))?.revision !== revision;
  const commit = async (changes: readonly Change[]): Promise<void> => {
    await manner.commit(changes).catch(async (error: unknown) => {
      if ((isCode(error, "conflict") || isCode(error, "not_found")) && (await isLost())) throw takenOver(key);
      throw error;
    });
  };
  const write = async (next: Stand, end: number, changes: readonly Change[]): Promise<void> => {
    await commit([journal.put(key, recordOf(value, next, end), revision), ...changes]);
    [revision, stand, until] = [revision + 1, next, end];
  };
  return {
    path: key,
    id: value.id,
    began: value.began,
    get stand() {
      return stand;
    },
    async hold(doing) {
      await manner.at(doing, doneBy(stand.phase), `usc rotate-secret --name ${key}`);
      if (await isLost()) throw takenOver(key);
      if (until - clock.now() < (leaseMs * 2) / 3) await write(stand, clock.now() + leaseMs, []);
    },
    advance: (next, changes = []) => write({ ...stand, ...next }, clock.now() + leaseMs, changes),
    close: (changes = []) => commit([journal.remove(key, revision), ...changes]),
    release: (changes = []) => write(stand, 0, changes),
    isLost,
    pause: (ms) => manner.pause(ms),
  };
}

const recordOf = ({ id, began }: Pick<Rotation, "id" | "began">, { phase, work }: Stand, until: number): Rotation => ({
  id,
  phase,
  began,
  until,
  work: JSON.stringify(work),
});

/** Somebody may change a tag, or the target's description, at the same time: then it is looked at again. */
export async function onceMore(held: Held, write: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      if (!isCode(error, "conflict") || tries === 5 || (await held.isLost())) throw error;
    }
  }
}

/** For whoever stops it here. */
function doneBy(phase: Phase): string {
  if (phase === "staging") return "The value is the one that it was.";
  if (phase === "staged") return "A new credential was made, and is not in use yet.";
  if (phase === "replacing") return "The credential is being replaced; the value that is stored may not work until this is done.";
  return phase === "retiring" ? "The new value is current; the old credential still works." : "The credential may still work.";
}
