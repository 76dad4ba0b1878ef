import { createSecretKey, randomBytes, type KeyObject } from "node:crypto";
import { UscError } from "../../kernel/errors.ts";
import { createKeyFile, settleKeyFile } from "./key-file.ts";
import { findMasterKey, fits, proofOf, type MasterKey, type MasterKeySource } from "./master-key.ts";
import type { Query } from "./query.ts";
import { newKeyId, seal, sealedWith, unseal, type Place } from "./seal.ts";

/** All of it happens inside a transaction of the caller's, whose query is handed in. */
export interface Keyring {
  seal(query: Query, place: Place, plain: string): string;
  /** Undefined if it is not what was sealed for this place. Throws if the master key is absent or wrong. */
  unseal(query: Query, place: Place, sealed: string): string | undefined;
  /** What is sealed from now on is sealed under a new data key, whose id it returns. */
  renew(query: Query): string;
  /** Whether every data key opens. Throws as `unseal` does. */
  opens(query: Query): boolean;
  /** Wraps the data keys under `next` in place of the present master key. False if there is none yet. */
  rewrap(query: Query, next: Buffer): boolean;
}

export interface KeyringOptions {
  source: MasterKeySource;
  /** A random 96-bit nonce may be drawn only so often under one key. */
  sealsPerKey: number;
  /** Takes what is to be done once the transaction is committed. */
  later: (act: () => void) => void;
}

export function keyringOf({ source, sealsPerKey, later }: KeyringOptions): Keyring {
  const opened = new Map<string, KeyObject>();

  function open(query: Query, id: string): KeyObject | undefined {
    const known = opened.get(id);
    if (known) return known;
    const wrapped = query("SELECT wrapped FROM data_keys WHERE id = ?", id)[0]?.["wrapped"];
    if (!(wrapped instanceof Uint8Array)) return undefined;
    return keep(id, unwrap(query, id, Buffer.from(wrapped)));
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
    const master = provenMasterKey(query) ?? firstMasterKey(query, source);
    query("INSERT INTO data_keys (id, wrapped, uses) VALUES (?, ?, 0)", id, wrap(master.bytes, id, key));
    master.bytes.fill(0);
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

  // That a data key opens proves the master key. The proof beside it costs more, and is only asked where it does not open.
  function unwrap(query: Query, id: string, wrapped: Buffer): Buffer {
    const key = unwrapped(requireMasterKey(source), id, wrapped) ?? unwrapped(provenMasterKey(query), id, wrapped);
    if (key) return key;
    throw damagedKeys();
  }

  /** Undefined if the store has never had one. */
  function provenMasterKey(query: Query): MasterKey | undefined {
    const stored = query("SELECT proof FROM master_key")[0]?.["proof"];
    if (!(stored instanceof Uint8Array)) return undefined;
    const proof = Buffer.from(stored);
    const master = requireMasterKey(source, proof);
    if (!fits(master.bytes, proof)) throw wrongMasterKey(master);
    if (master.waits) later(() => settleKeyFile(source.file, proof));
    return master;
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
    opens(query) {
      const master = provenMasterKey(query);
      const keys = query("SELECT id, wrapped FROM data_keys");
      const isWhole = keys.every(({ id, wrapped }) => master && unwrappedCell(master, id, wrapped)?.fill(0));
      master?.bytes.fill(0);
      return isWhole;
    },
    rewrap(query, next) {
      const master = provenMasterKey(query);
      if (!master) return false;
      for (const { id, wrapped } of query("SELECT id, wrapped FROM data_keys")) {
        const key = unwrappedCell(master, id, wrapped);
        if (!key) throw damagedKeys();
        query("UPDATE data_keys SET wrapped = ? WHERE id = ?", wrap(next, String(id), key), String(id));
        key.fill(0);
      }
      master.bytes.fill(0);
      query("UPDATE master_key SET proof = ?", proofOf(next));
      return true;
    },
  };
}

// Stands where a data key's id would: no data key is wrapped by another.
const masterId = "0000000000000000";

const wrap = (master: Buffer, id: string, key: Buffer): Buffer => seal(createSecretKey(master), masterId, ["data key", id], key);

const unwrapKey = (master: Buffer, id: string, wrapped: Buffer): Buffer | undefined =>
  unseal(createSecretKey(master), masterId, ["data key", id], wrapped);

const unwrappedCell = (master: MasterKey, id: unknown, wrapped: unknown): Buffer | undefined =>
  wrapped instanceof Uint8Array ? unwrapKey(master.bytes, String(id), Buffer.from(wrapped)) : undefined;

function unwrapped(master: MasterKey | undefined, id: string, wrapped: Buffer): Buffer | undefined {
  const key = master && unwrapKey(master.bytes, id, wrapped);
  master?.bytes.fill(0);
  return key;
}

function requireMasterKey(source: MasterKeySource, proof?: Buffer): MasterKey {
  const master = findMasterKey(source, proof);
  if (master) return master;
  throw new UscError("conflict", `The key file ${source.file} is gone, and USC_MASTER_KEY is not set: sealed records cannot be opened.`, {
    hint: "Put the key file back, or set USC_MASTER_KEY to the key. Nothing was changed.",
  });
}

function firstMasterKey(query: Query, source: MasterKeySource): MasterKey {
  if (query("SELECT 1 FROM data_keys UNION ALL SELECT 1 FROM records WHERE sealed IS NOT NULL LIMIT 1").length > 0) throw damagedKeys();
  const master = findMasterKey(source) ?? { bytes: createKeyFile(source.file), from: `The key file ${source.file}` };
  query("INSERT INTO master_key (one, proof) VALUES (1, ?)", proofOf(master.bytes));
  return master;
}

function wrongMasterKey({ from }: MasterKey): UscError {
  const rotated = from === "USC_MASTER_KEY" ? " If `usc key rotate` gave it a new one, set the variable to that and start again." : "";
  return new UscError("conflict", `${from} is not the key this store was sealed with.`, {
    hint: `Give the key of this store, or set USC_HOME to another folder.${rotated} Nothing was changed.`,
    reason: "rekeyed",
  });
}

function damagedKeys(): UscError {
  return new UscError("conflict", "The store's own keys are damaged: sealed records cannot be opened.", {
    hint: "Restore a backup into an empty folder: set USC_HOME to it, then `usc state restore`.",
  });
}
