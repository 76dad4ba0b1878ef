import type { Operation } from "../../kernel/operation.ts";
import { copy, tellUnfinished } from "./copy.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import { purge, recover } from "./deleted.ts";
import type { Deps } from "./deps.ts";
import { getAll } from "./get-all.ts";
import { get } from "./get.ts";
import { listDeleted } from "./list-deleted.ts";
import { list } from "./list.ts";
import { resolve } from "./resolve.ts";
import { testConnection } from "./test-connection.ts";
import { update } from "./update.ts";
import { validate } from "./validate.ts";
import { versions } from "./versions.ts";

const reads = [list, get, getAll, resolve, versions, listDeleted];
const writes = [create, update, remove, recover, purge, validate, testConnection];

export const operations = (deps: Deps): Operation[] => [
  ...reads.map((verb) => verb(deps)),
  ...writes.map((verb) => verb(telling(deps))),
  // Tells nothing: it finishes.
  copy(deps),
];

/** Whoever writes to a vault hears first what a crash has left half done in it. */
function telling(deps: Deps): Deps {
  return {
    ...deps,
    openVault: async (name, limits) => {
      const vault = await deps.openVault(name, limits);
      await tellUnfinished(deps, vault);
      return vault;
    },
  };
}
