import { createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from "node:crypto";
import { UscError } from "../../kernel/errors.ts";
import { createKeyFile, findMasterKey, proofOf, type MasterKey, type MasterKeySource } from "./master-key.ts";
import type { Query } from "./query.ts";
import { newKeyId, seal, sealedWith, unseal, type Place } from "./seal.ts";

/** All of it happens inside a transaction of the caller's, whose query is handed in. */
export interface Keyring {
  seal(query: Query, place: Place, plain: string): string;
  /** Undefined if it is not what was sealed for this place. Throws if the master key is absent or wrong. */
  unseal(query: Query, place: Place, sealed: string): string | undefined;
  /** What is sealed from now on is sealed under a new data key, whose id it returns. */
  renew(query: Query): string;
}

/** `sealsPerKey`: a random 96-bit nonce may be drawn only so often under one key. */
export function keyringOf(source: MasterKeySource, sealsPerKey: number): Keyring {
  const opened = new Map<string, KeyObject>();

  function open(query: Query, id: string): KeyObject | undefined {
    const known = opened.get(id);
    if (known) return known;
    const wrapped = query("SELECT wrapped FROM data_keys WHERE id = ?", id)[0]?.["wrapped"];
    if (!(wrapped instanceof Uint8Array)) return undefined;
    const key = unwrap(query, source, id, Buffer.from(wrapped));
    return keep(id, key);
  }

  function keep(id: string, key: Buffer): KeyObject {
    const kept = createSecretKey(key);
    key.fill(0);
    opened.set(id, kept);
    return kept;
  }

  function add(query: Query): string {
    const id = newKeyId();
    const key = randomBytes(32);
    const master = provenMasterKey(query, source) ?? firstMasterKey(query, source);
    const wrapped = seal(createSecretKey(master.bytes), masterId, ["data key", id], key);
    master.bytes.fill(0);
    query("INSERT INTO data_keys (id, wrapped, uses) VALUES (?, ?, 0)", id, wrapped);
    keep(id, key);
    return id;
  }

  function usable(query: Query): { id: string; key: KeyObject } {
    const latest = query("SELECT id, uses FROM data_keys ORDER BY number DESC LIMIT 1")[0];
    const id = latest && Number(latest["uses"]) < sealsPerKey ? String(latest["id"]) : add(query);
    query("UPDATE data_keys SET uses = uses + 1 WHERE id = ?", id);
    const key = open(query, id);
    if (!key) throw damagedKeys();
    return { id, key };
  }

  return {
    seal(query, place, plain) {
      const { id, key } = usable(query);
      return seal(key, id, place, Buffer.from(plain)).toString("base64");
    },
    unseal(query, place, sealed) {
      const bytes = Buffer.from(sealed, "base64");
      const id = sealedWith(bytes);
      const key = id === undefined ? undefined : open(query, id);
      return id === undefined || !key ? undefined : unseal(key, id, place, bytes)?.toString();
    },
    renew: add,
  };
}

// Stands where a data key's id would: no data key is wrapped by another.
const masterId = "0000000000000000";

// That a data key opens proves the master key. The proof beside it costs more, and is only asked which of the two is wrong.
function unwrap(query: Query, source: MasterKeySource, id: string, wrapped: Buffer): Buffer {
  const master = requireMasterKey(source);
  const key = unseal(createSecretKey(master.bytes), masterId, ["data key", id], wrapped);
  master.bytes.fill(0);
  if (key) return key;
  provenMasterKey(query, source);
  throw damagedKeys();
}

/** Undefined if the store has never had one. */
function provenMasterKey(query: Query, source: MasterKeySource): MasterKey | undefined {
  const proof = query("SELECT proof FROM master_key")[0]?.["proof"];
  if (!(proof instanceof Uint8Array)) return undefined;
  const master = requireMasterKey(source);
  const own = proofOf(master);
  if (own.length === proof.length && timingSafeEqual(own, proof)) return master;
  throw new UscError("conflict", `${master.from} is not the key this store was sealed with.`, {
    hint: "Give the key of this store, or set USC_HOME to another folder. Nothing was changed.",
  });
}

function requireMasterKey(source: MasterKeySource): MasterKey {
  const master = findMasterKey(source);
  if (master) return master;
  throw new UscError("conflict", `The key file ${source.file} is gone, and USC_MASTER_KEY is not set: sealed records cannot be opened.`, {
    hint: "Put the key file back, or set USC_MASTER_KEY to the key. Nothing was changed.",
  });
}

function firstMasterKey(query: Query, source: MasterKeySource): MasterKey {
  if (query("SELECT 1 FROM data_keys UNION ALL SELECT 1 FROM records WHERE sealed IS NOT NULL LIMIT 1").length > 0) throw damagedKeys();
  const master = findMasterKey(source) ?? { bytes: createKeyFile(source.file), from: `The key file ${source.file}` };
  query("INSERT INTO master_key (one, proof) VALUES (1, ?)", proofOf(master));
  return master;
}

function damagedKeys(): UscError {
  return new UscError("conflict", "The store's own keys are damaged: sealed records cannot be opened.", {
    hint: "Set USC_HOME to a backup or to an empty folder.",
  });
}
