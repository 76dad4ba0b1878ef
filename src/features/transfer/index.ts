import type { Operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { expiring } from "./expiring.ts";
import { exportAll } from "./export.ts";
import { importAll } from "./import.ts";

export const operations = (deps: Deps): Operation[] => [expiring(deps), exportAll(deps), importAll(deps)];
