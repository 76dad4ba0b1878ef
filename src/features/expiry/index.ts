import type { Operation } from "../../kernel/operation.ts";
import type { Deps } from "./deps.ts";
import { expiring } from "./expiring.ts";

export const operations = (deps: Deps): Operation[] => [expiring(deps)];
