import { UscError } from "../../kernel/errors.ts";
import type { Database } from "./database.ts";
import type { Keyring } from "./keyring.ts";
import type { Query } from "./query.ts";
import { damagedRecord, parsedObject } from "./record.ts";

/** Seals every record anew under a new data key, and forgets the older ones. A killed rotation has not happened. */
export function rotateKey(database: Database, keyring: Keyring): { key_id: string; resealed: number } {
  const result = database.write((query) => {
    const older = Number(query("SELECT max(number) AS latest FROM data_keys")[0]?.["latest"] ?? 0);
    const keyId = keyring.renew(query);
    const rows = query("SELECT collection, key, sealed FROM records WHERE sealed IS NOT NULL");
    for (const row of rows) reseal(query, keyring, String(row["collection"]), String(row["key"]), row["sealed"]);
    query("DELETE FROM data_keys WHERE number <= ?", older);
    return { key_id: keyId, resealed: rows.length };
  });
  if (!database.emptyLog())
    throw new UscError(
      "unavailable",
      "The key was rotated, but another usc still reads the old log, which holds what the old key sealed.",
      {
        hint: "Rotate once more when nobody else is at work.",
      },
    );
  return result;
}

function reseal(query: Query, keyring: Keyring, collection: string, key: string, sealed: unknown): void {
  const fields = parsedObject(sealed);
  if (!fields) throw damagedRecord(`record in ${collection}`, key);
  const anew = [...fields].map(([field, text]) => {
    const place = [collection, key, field];
    const plain = typeof text === "string" ? keyring.unseal(query, place, text) : undefined;
    if (plain === undefined) throw damagedRecord(`record in ${collection}`, key);
    return [field, keyring.seal(query, place, plain)] as const;
  });
  query("UPDATE records SET sealed = ? WHERE collection = ? AND key = ?", JSON.stringify(Object.fromEntries(anew)), collection, key);
}
