import type { Operation } from "../../kernel/operation.ts";
import { backup } from "./backup.ts";
import type { Deps } from "./deps.ts";
import { restore } from "./restore.ts";
import { rotate } from "./rotate.ts";

export const operations = (deps: Deps): Operation[] => [rotate(deps), backup(deps), restore(deps)];
