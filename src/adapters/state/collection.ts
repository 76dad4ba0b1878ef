import { UscError } from "../../kernel/errors.ts";
import type { Change, Collection, Stored } from "../../kernel/store.ts";
import type { Database } from "./database.ts";
import type { Query, Row } from "./query.ts";
import type { Recall } from "./recall.ts";
import { damagedRecord, partsOf, type Parts, type Reading, recordOf } from "./record.ts";
import type { Write } from "./writes.ts";

// Sorts after every text that begins with what stands before it; it is no character, so no key holds it.
const last = "\u{10ffff}";

/** `planned` keeps a write until it is committed, and gives what stands for it meanwhile. */
export function collectionOf<T>(reading: Reading<T>, database: Database, recall: Recall, planned: (write: Write) => Change): Collection<T> {
  const { kind } = reading;
  const plan = (act: Write["act"], key: string, ifRevision: number | undefined, parts?: Parts): Change =>
    planned({ collection: kind.name, noun: kind.noun, act, key: checkedKey(kind.noun, key), ifRevision, parts });
  return {
    async get(key) {
      const found = recall(`${kind.name} ${key}`, () =>
        records(database, reading, (query) =>
          query("SELECT key, revision, body, sealed FROM records WHERE collection = ? AND key = ?", kind.name, key),
        ),
      );
      // A key that is not valid Unicode text would have been looked up as another one.
      return found.find((record) => record.key === key);
    },
    // SQLite takes -1 for no limit.
    async list(prefix = "", limit = -1, after = "") {
      const found = recall(`${kind.name}/${limit}/${JSON.stringify([prefix, after])}`, () =>
        records(database, reading, (query) =>
          query(
            "SELECT key, revision, body, sealed FROM records WHERE collection = ? AND key >= ? AND key < ? AND key > ? ORDER BY key LIMIT ?",
            kind.name,
            prefix,
            prefix + last,
            after,
            limit,
          ),
        ),
      );
      return [...found];
    },
    async count(prefix) {
      const within = "SELECT COUNT(*) AS found FROM records WHERE collection = ? AND key >= ? AND key < ?";
      return database.read((query) => Number(query(within, kind.name, prefix, prefix + last)[0]?.["found"]));
    },
    put: (key, value, ifRevision) => plan("put", key, ifRevision, partsOf(kind, value)),
    remove: (key, ifRevision) => plan("remove", key, ifRevision),
    touch: (key, ifRevision) => plan("touch", key, ifRevision),
    vacant: (key) => plan("vacant", key, 0),
  };
}

function records<T>(database: Database, reading: Reading<T>, find: (query: Query) => Row[]): Stored<T>[] {
  const found = database.read((query) => find(query).map((row) => recordOf(reading, row, query) ?? String(row["key"])));
  const whole = found.filter((record) => typeof record !== "string");
  const damaged = found.find((record) => typeof record === "string");
  if (damaged === undefined) return whole;
  // Is it this record, or the file under it?
  database.checkFile();
  throw damagedRecord(reading.kind.noun, damaged);
}

function checkedKey(noun: string, key: string): string {
  if (key.isWellFormed() && !key.includes(last)) return key;
  throw new UscError("usage", `That is no ${noun} name: it is not valid Unicode text.`, { hint: "A name is a path such as /prod/kv." });
}
