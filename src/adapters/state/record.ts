import { UscError } from "../../kernel/errors.ts";
import type { Test } from "../../kernel/shape.ts";
import type { RecordKind, Stored } from "../../kernel/store.ts";
import type { Keyring } from "./keyring.ts";
import type { Query, Row } from "./query.ts";

/** A record as it is written: what may be read on the disk, and what may not. */
export interface Parts {
  body: string;
  secrets: ReadonlyMap<string, string>;
}

export function partsOf<T>(kind: RecordKind<T>, value: T): Parts {
  const open = new Map<string, unknown>(Object.entries(kind.schema().parse(value) ?? {}));
  const secrets = new Map<string, string>();
  for (const field of kind.sealed ?? []) {
    const secret: unknown = open.get(field);
    open.delete(field);
    if (secret === undefined) continue;
    if (typeof secret !== "string" || !secret.isWellFormed())
      throw new TypeError(`${kind.name}.${field} is sealed and must be a well-formed string`);
    secrets.set(field, secret);
  }
  return { body: JSON.stringify(Object.fromEntries(open)), secrets };
}

/** How records of a kind are read. `isPlain`: what is plainly as its schema says. */
export interface Reading<T> {
  kind: RecordKind<T>;
  keyring: Keyring;
  isPlain: Test;
}

/** The record, or undefined if any part of it is not what we wrote. */
export function recordOf<T>({ kind, keyring, isPlain }: Reading<T>, row: Row, query: Query): Stored<T> | undefined {
  const { key, revision } = row;
  const body = parsedObject(row["body"]);
  if (typeof key !== "string" || typeof revision !== "number" || !body) return undefined;
  const sealed = row["sealed"] === null ? new Map<string, unknown>() : parsedObject(row["sealed"]);
  if (!sealed) return undefined;
  for (const [field, text] of sealed) {
    const plain = typeof text === "string" ? keyring.unseal(query, [kind.name, key, field], text) : undefined;
    // A sealed field found open was put there by somebody else.
    if (plain === undefined || body.has(field) || !kind.sealed?.some((name) => name === field)) return undefined;
    body.set(field, plain);
  }
  if (kind.sealed?.some((field) => body.has(field) && !sealed.has(field))) return undefined;
  const found = Object.fromEntries(body);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- just seen to be one
  if (isPlain(found)) return { key, value: found as T, revision };
  const value = kind.schema().safeParse(found);
  return value.success ? { key, value: value.data, revision } : undefined;
}

/** A store's keys, and a transaction of it. */
interface Side {
  query: Query;
  keyring: Keyring;
}

/** The sealed fields of a record, opened on one side and sealed on the other; undefined if one does not open. */
export function resealed(collection: string, key: string, sealed: unknown, from: Side, to: Side): string | undefined {
  const anew: [string, string][] = [];
  for (const [field, text] of parsedObject(sealed) ?? [["", undefined]]) {
    const place = [collection, key, field];
    const plain = typeof text === "string" ? from.keyring.unseal(from.query, place, text) : undefined;
    if (plain === undefined) return undefined;
    anew.push([field, to.keyring.seal(to.query, place, plain)]);
  }
  return JSON.stringify(Object.fromEntries(anew));
}

export function damagedRecord(noun: string, key: string): UscError {
  return new UscError("conflict", `The ${noun} ${key} is a damaged record: it is not what usc wrote.`, {
    hint: "Delete it and create it again. Other records can still be read.",
  });
}

/** The members of a JSON object. A map, since a member may be called `__proto__`. */
export function parsedObject(text: unknown): Map<string, unknown> | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}
