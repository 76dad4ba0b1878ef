import type { Operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { exportAll } from "./export.ts";
import { importAll } from "./import.ts";

export const operations = (deps: Deps): Operation[] => [exportAll(deps), importAll(deps)];
