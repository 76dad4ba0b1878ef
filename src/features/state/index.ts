import type { Operation } from "../../kernel/operation.ts";
import { backup } from "./backup.ts";
import type { StateDeps } from "./deps.ts";
import { restore } from "./restore.ts";
import { rotate } from "./rotate.ts";

export const operations = (deps: StateDeps): Operation[] => [rotate(deps), backup(deps), restore(deps)];
