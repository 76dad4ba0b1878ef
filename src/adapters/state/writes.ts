import { UscError } from "../../kernel/errors.ts";
import { pathFold } from "../../kernel/paths.ts";
import type { Keyring } from "./keyring.ts";
import type { Query } from "./query.ts";
import type { Parts } from "./record.ts";

export interface Write {
  collection: string;
  noun: string;
  key: string;
  ifRevision: number | undefined;
  act: "put" | "remove" | "touch" | "vacant";
  /** Of a put. */
  parts: Parts | undefined;
}

interface Found {
  key: string;
  revision: number;
  sealed: boolean;
}

/** True if it removed a sealed record, whose ciphertext should go from the disk too. */
export function applyWrite(query: Query, keyring: Keyring, write: Write): boolean {
  const found = find(query, write);
  checkRevision(write, found);
  const { collection, key, parts } = write;
  if (write.act === "remove") query("DELETE FROM records WHERE collection = ? AND key = ?", collection, key);
  if (write.act === "touch") query("UPDATE records SET revision = revision + 1 WHERE collection = ? AND key = ?", collection, key);
  if (write.act === "put" && parts) put(query, write, parts.body, sealedText(query, keyring, write, parts));
  return write.act === "remove" && found?.sealed === true;
}

function find(query: Query, { collection, key }: Write): Found | undefined {
  const row = query("SELECT key, revision, sealed FROM records WHERE collection = ? AND fold = ?", collection, pathFold(key))[0];
  return row && { key: String(row["key"]), revision: Number(row["revision"]), sealed: row["sealed"] !== null };
}

function checkRevision(write: Write, found: Found | undefined): void {
  const { noun, key, ifRevision } = write;
  const own = found?.key === key ? found : undefined;
  if (ifRevision !== undefined && ifRevision > 0 && !own)
    throw new UscError("not_found", `The ${noun} ${key} does not exist.`, { hint: "It may have been deleted meanwhile." });
  if (found && !own && (write.act === "put" || write.act === "vacant"))
    throw new UscError("conflict", `The ${noun} ${key} would be a twin of ${found.key}, which exists already.`, {
      hint: "Their names differ only in upper and lower case or in Unicode form: choose another name.",
    });
  if (ifRevision === 0 && own)
    throw new UscError("conflict", `The ${noun} ${key} exists already.`, { hint: "Choose another name, or change the existing one." });
  if (ifRevision !== undefined && own && own.revision !== ifRevision)
    throw new UscError("conflict", `The ${noun} ${key} was changed meanwhile.`, { hint: "Look at it again, then repeat the command." });
}

function put(query: Query, { collection, key }: Write, body: string, sealed: string | null): void {
  query(
    `INSERT INTO records (collection, key, fold, revision, body, sealed) VALUES (?, ?, ?, 1, ?, ?)
     ON CONFLICT (collection, key) DO UPDATE SET revision = revision + 1, body = excluded.body, sealed = excluded.sealed`,
    collection,
    key,
    pathFold(key),
    body,
    sealed,
  );
}

function sealedText(query: Query, keyring: Keyring, { collection, key }: Write, { secrets }: Parts): string | null {
  if (secrets.size === 0) return null;
  const sealed = [...secrets].map(([field, plain]) => [field, keyring.seal(query, [collection, key, field], plain)] as const);
  return JSON.stringify(Object.fromEntries(sealed));
}
