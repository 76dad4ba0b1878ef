import type { Clock } from "../../kernel/clock.ts";
import type { Operation } from "../../kernel/operation.ts";
import { list } from "./list.ts";
import type { AuditBook } from "./port.ts";
import { prune } from "./prune.ts";
import { verify } from "./verify.ts";

export const operations = (deps: { book: AuditBook; clock: Clock }): Operation[] => [list(deps), verify(deps), prune(deps)];
