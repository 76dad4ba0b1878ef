import type { Operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { list } from "./list.ts";
import { run } from "./run.ts";

export const operations = (deps: Deps): Operation[] => [list(deps), run(deps)];
