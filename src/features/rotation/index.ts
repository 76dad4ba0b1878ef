import type { Operation } from "../../kernel/operation.ts";
import { createAzure } from "./create-azure.ts";
import { remove } from "./delete.ts";
import type { Deps } from "./deps.ts";
import { getValue } from "./get-value.ts";
import { list } from "./list.ts";
import { rotateSecret } from "./rotate-secret.ts";
import { updateAzure } from "./update-azure.ts";

export const operations = (deps: Deps): Operation[] => [
  createAzure(deps),
  updateAzure(deps),
  getValue(deps),
  list(deps),
  rotateSecret(deps),
  remove(deps),
];
