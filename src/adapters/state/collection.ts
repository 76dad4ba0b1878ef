import { UscError } from "../../kernel/errors.ts";
import type { Collection, RecordKind, Stored } from "../../kernel/store.ts";
import type { Database } from "./database.ts";
import type { Keyring } from "./keyring.ts";
import type { Row } from "./query.ts";
import { damagedRecord, partsOf, recordOf } from "./record.ts";
import type { Write } from "./writes.ts";

export type Collector = <T>(kind: RecordKind<T>) => Omit<Collection<T>, "put" | "remove" | "touch"> & WriteBuilder<T>;

interface WriteBuilder<T> {
  put(key: string, value: T, ifRevision?: number): Write;
  remove(key: string, ifRevision?: number): Write;
  touch(key: string, ifRevision: number): Write;
}

// Sorts after every text that begins with what stands before it; it is no character, so no key holds it.
const last = "\u{10ffff}";

export function collectorOf(database: Database, keyring: Keyring): Collector {
  return (kind) => {
    const write = (act: Write["act"], key: string, ifRevision: number | undefined): Write => ({
      collection: kind.name,
      noun: kind.noun,
      act,
      ifRevision,
      key: checkedKey(kind.noun, key),
    });
    return {
      async get(key) {
        return records(database, keyring, kind, (query) =>
          query("SELECT key, revision, body, sealed FROM records WHERE collection = ? AND key = ?", kind.name, key),
        )[0];
      },
      async list(prefix = "") {
        return records(database, keyring, kind, (query) =>
          query(
            "SELECT key, revision, body, sealed FROM records WHERE collection = ? AND key >= ? AND key < ? ORDER BY key",
            kind.name,
            prefix,
            prefix + last,
          ),
        );
      },
      put: (key, value, ifRevision) => ({ ...write("put", key, ifRevision), parts: partsOf(kind, value) }),
      remove: (key, ifRevision) => write("remove", key, ifRevision),
      touch: (key, ifRevision) => write("touch", key, ifRevision),
    };
  };
}

function records<T>(
  database: Database,
  keyring: Keyring,
  kind: RecordKind<T>,
  find: Parameters<typeof database.read<Row[]>>[0],
): Stored<T>[] {
  const found = database.read((query) => find(query).map((row) => recordOf(kind, row, query, keyring) ?? String(row["key"])));
  const whole = found.filter((record) => typeof record !== "string");
  const damaged = found.find((record) => typeof record === "string");
  if (damaged === undefined) return whole;
  // Is it this record, or the file under it?
  database.checkFile();
  throw damagedRecord(kind.noun, damaged);
}

function checkedKey(noun: string, key: string): string {
  if (key.isWellFormed() && !key.includes(last)) return key;
  throw new UscError("usage", `That is no ${noun} name: it is not valid Unicode text.`, { hint: "A name is a path such as /prod/kv." });
}
