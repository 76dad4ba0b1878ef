import type { Operation } from "../../kernel/operation.ts";
import { copy } from "./copy.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import { purge, recover } from "./deleted.ts";
import type { Deps } from "./deps.ts";
import { get } from "./get.ts";
import { getAll } from "./get-all.ts";
import { listDeleted } from "./list-deleted.ts";
import { list } from "./list.ts";
import { resolve } from "./resolve.ts";
import { update } from "./update.ts";
import { versions } from "./versions.ts";

export const operations = (deps: Deps): Operation[] =>
  [list, get, getAll, resolve, versions, create, update, copy, remove, listDeleted, recover, purge].map((verb) => verb(deps));
