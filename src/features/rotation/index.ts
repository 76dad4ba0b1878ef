import type { Operation } from "../../kernel/operation.ts";
import { createAzure } from "./create-azure.ts";
import { remove } from "./delete.ts";
import { deleteSync } from "./delete-sync.ts";
import type { Deps } from "./deps.ts";
import { getValue } from "./get-value.ts";
import { list } from "./list.ts";
import { rotateSecret } from "./rotate-secret.ts";
import { sync } from "./sync.ts";
import { unsupported } from "./unsupported.ts";
import { updateAzure } from "./update-azure.ts";

export const operations = (deps: Deps): Operation[] => [
  createAzure(deps),
  updateAzure(deps),
  getValue(deps),
  list(deps),
  rotateSecret(deps),
  remove(deps),
  sync(deps),
  deleteSync(deps),
  ...unsupported,
];
