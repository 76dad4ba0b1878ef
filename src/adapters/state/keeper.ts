import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { BackedUp, StateKeeper } from "../../features/state/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { auditCollection } from "./audit-chain.ts";
import type { StoredAudit } from "./audit.ts";
import { writeCopy } from "./copy.ts";
import type { Database } from "./database.ts";
import type { Keyring } from "./keyring.ts";
import type { MasterKeySource } from "./master-key.ts";
import { restore } from "./restore.ts";
import { rotateKey } from "./rotate-key.ts";
import { readCopy, type StoredCopy } from "./stored-copy.ts";

interface Kept {
  database: Database;
  keyring: Keyring;
  source: MasterKeySource;
  audit: StoredAudit;
}

/** The store's keys and copies. */
export function keeperOf({ database, keyring, source, audit }: Kept): StateKeeper {
  return {
    rotateKey: async (rotation) => rotateKey({ database, keyring, source }, rotation),
    async backup(file) {
      // A damaged store must not be copied as if it were whole.
      database.checkFile();
      return writeCopy(database.path, resolve(file), (copy) => readCopy(copy, source, (found) => backedUp(found, copy)));
    },
    async restore(file, options) {
      const from = resolve(file);
      const key = options.masterKeyFile === undefined ? source : { variable: undefined, file: resolve(options.masterKeyFile) };
      const keep = (replaced: string): void => writeCopy(database.path, replaced, () => {});
      return readCopy(from, key, (copy) => {
        if (copy.audit.findings.length > 0) throw forgedAudit(from);
        return restore({ database, keyring, audit, keep }, copy, options);
      });
    },
  };
}

function backedUp({ query, audit }: StoredCopy, file: string): BackedUp {
  return {
    bytes: statSync(file).size,
    records: Number(query("SELECT count(*) AS count FROM records WHERE collection <> ?", auditCollection)[0]?.["count"]),
    audit_rows: audit.count,
    audit_head: audit.head,
    audit_whole: audit.findings.length === 0,
  };
}

const forgedAudit = (file: string): UscError =>
  new UscError("conflict", `The audit in ${file} is not as usc wrote it: somebody changed the copy, or the store that it was made of.`, {
    hint: "Restore an older copy. Nothing was changed.",
  });
