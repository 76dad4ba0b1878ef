import type { Operation } from "../../kernel/operation.ts";
import type { Steps } from "../../kernel/steps.ts";
import type { Deps } from "./deps.ts";
import { list } from "./list.ts";
import { run } from "./run.ts";

export const operations = (deps: Deps & { steps: Steps }): Operation[] => [list(deps), run(deps)];
