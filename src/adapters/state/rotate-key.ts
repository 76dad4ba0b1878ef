import { randomBytes } from "node:crypto";
import type { Rotated, Rotation } from "../../features/state/port.ts";
import { UscError } from "../../kernel/errors.ts";
import type { Database } from "./database.ts";
import { createWaitingFile, readKeyFile, sweepWaitingFiles } from "./key-file.ts";
import type { Keyring } from "./keyring.ts";
import { fits, proofOf, type MasterKeySource } from "./master-key.ts";
import type { Query } from "./query.ts";
import { damagedRecord, resealed } from "./record.ts";

interface Keys {
  database: Database;
  keyring: Keyring;
  source: MasterKeySource;
}

/** All of it or nothing: a killed rotation has not happened, or has. */
export function rotateKey(keys: Keys, rotation: Rotation): Rotated {
  if (rotation.of === "master key") return replaceGivenKey(keys, rotation.file);
  const { database, keyring, source } = keys;
  if (rotation.of === "all" && source.variable !== undefined)
    throw new UscError("usage", "The master key is in USC_MASTER_KEY, where usc cannot put a new one.", {
      hint: "--new-master-key-file names one that you made; --data-key-only leaves the master key as it is.",
    });
  const rotated = database.write((query) => {
    const isNew = rotation.of === "all" && renewMasterKey(query, keyring, source.file);
    return { ...resealAll(query, keyring), master_key: isNew ? ("new" as const) : ("kept" as const) };
  });
  if (rotation.of === "all") sweep(database, source);
  if (database.emptyLog() !== "emptied") throw oldLogIsLeft();
  return rotated;
}

// The new key is durable in its file before the store has it, and takes the last one's place after that.
function renewMasterKey(query: Query, keyring: Keyring, file: string): boolean {
  const next = randomBytes(32);
  const isNew = keyring.rewrap(query, next);
  if (isNew) createWaitingFile(file, proofOf(next), next);
  next.fill(0);
  return isNew;
}

/** Seals every record anew under a new data key, and forgets the older ones. */
function resealAll(query: Query, keyring: Keyring): { key_id: string; resealed: number } {
  const older = Number(query("SELECT max(number) AS latest FROM data_keys")[0]?.["latest"] ?? 0);
  const keyId = keyring.renew(query);
  const rows = query("SELECT collection, key, sealed FROM records WHERE sealed IS NOT NULL");
  for (const row of rows) reseal(query, keyring, String(row["collection"]), String(row["key"]), row["sealed"]);
  query("DELETE FROM data_keys WHERE number <= ?", older);
  return { key_id: keyId, resealed: rows.length };
}

function reseal(query: Query, keyring: Keyring, collection: string, key: string, sealed: unknown): void {
  const anew = resealed(collection, key, sealed, { query, keyring }, { query, keyring });
  if (anew === undefined) throw damagedRecord(`record in ${collection}`, key);
  query("UPDATE records SET sealed = ? WHERE collection = ? AND key = ?", anew, collection, key);
}

// The data keys stay, so that whoever has opened them goes on until he is started with the new variable.
function replaceGivenKey({ database, keyring, source }: Keys, file: string): Rotated {
  if (source.variable === undefined)
    throw new UscError("usage", "--new-master-key-file is for a master key in USC_MASTER_KEY, and that is not set.", {
      hint: `\`usc key rotate\` alone puts a new key into ${source.file}.`,
    });
  if (readKeyFile(source.file))
    throw new UscError("usage", `The master key is in USC_MASTER_KEY and also in the key file ${source.file}.`, {
      hint: "Unset the variable, or move the file away; then rotate the key where it is.",
    });
  const next = readKeyFile(file);
  if (!next) throw new UscError("usage", `There is no file ${file}.`, { hint: "A new key comes from: openssl rand -base64 32" });
  const rotated = database.write((query) => {
    if (isPresent(query, next)) throw new UscError("conflict", `${file} holds the present master key.`, { hint: "Nothing was changed." });
    if (!keyring.rewrap(query, next)) throw new UscError("conflict", "Nothing is sealed yet: there is no key to replace.");
    const latest = query("SELECT id FROM data_keys ORDER BY number DESC LIMIT 1")[0]?.["id"];
    return { key_id: String(latest), resealed: 0, master_key: "given" as const };
  });
  next.fill(0);
  if (database.emptyLog() !== "emptied") throw oldLogIsLeft();
  return rotated;
}

function isPresent(query: Query, key: Buffer): boolean {
  const proof = query("SELECT proof FROM master_key")[0]?.["proof"];
  return proof instanceof Uint8Array && fits(key, proof);
}

function sweep(database: Database, { file }: MasterKeySource): void {
  database.write((query) => {
    const proof = query("SELECT proof FROM master_key")[0]?.["proof"];
    if (proof instanceof Uint8Array) sweepWaitingFiles(file, Buffer.from(proof));
  });
}

const oldLogIsLeft = (): UscError =>
  new UscError(
    "unavailable",
    "The key was rotated, but the log holds what the old key sealed: another usc reads it, or the disk is full.",
    {
      hint: "Rotate once more when nobody else is at work and there is room.",
    },
  );
