import type * as z from "zod/mini";

/** One kind of record: its name, its shape, and the top-level string fields that may only touch the disk sealed. */
export interface RecordKind<T> {
  /** Name of the collection, e.g. `targets`. */
  name: string;
  /** Made on demand. */
  schema: () => z.ZodMiniType<T>;
  sealed?: readonly (keyof T & string)[];
  /** What a reader calls one of them in an error, e.g. `target`. */
  noun: string;
}

export interface Stored<T> {
  key: string;
  value: T;
  /** 1 for a new record, and one more with every write. */
  revision: number;
}

/** A write that has not happened yet. Only the store that made it can read it. */
export interface Change {
  readonly collection: string;
  readonly key: string;
}

/**
 * Reads answer at once from what is committed. Writes are built as changes and happen together in `Store.commit`, so that two records that
 * must agree (a connector and its target) cannot drift apart under another process.
 */
export interface Collection<T> {
  /** The record, or undefined. A damaged or foreign record is an error that names it, never undefined. Other records stay readable. */
  get(key: string): Promise<Stored<T> | undefined>;
  /** All records whose key begins with `prefix`, ordered by key; of those behind the key `after` the first `limit`. */
  list(prefix?: string, limit?: number, after?: string): Promise<Stored<T>[]>;
  /** How many records have a key that begins with `prefix`. Reads none of them. */
  count(prefix: string): Promise<number>;
  /** Writes the record if its revision still is `ifRevision` (0: if it does not exist, nor a twin of its key that differs only in case or Unicode form). Without `ifRevision` it writes in any case. */
  put(key: string, value: T, ifRevision?: number): Change;
  /** Removes the record if its revision still is `ifRevision`. Removing an absent record without `ifRevision` is no error. */
  remove(key: string, ifRevision?: number): Change;
  /** Moves the revision on without changing the record: who read the older one cannot write any more. */
  touch(key: string, ifRevision: number): Change;
  /** Changes nothing; fails with `conflict` if there is such a record, or a twin of its key: for a name that two kinds of records share. */
  vacant(key: string): Change;
}

/** The changes that give a record its new value, under its own key or a new one. */
export const rewritten = <T>(collection: Collection<T>, { key, revision }: Stored<T>, newKey: string, value: T): Change[] =>
  newKey === key ? [collection.put(key, value, revision)] : [collection.remove(key, revision), collection.put(newKey, value, 0)];

export interface Store {
  collection<T>(kind: RecordKind<T>): Collection<T>;
  /** All of it or nothing, durable when it resolves. `conflict` when a revision has moved or a twin exists; `unavailable` when the disk is full, read-only or locked. */
  commit(changes: readonly Change[]): Promise<void>;
  /** A number never given before under this name: 1, 2, 3, ... Durable. */
  nextId(name: string): Promise<number>;
}
