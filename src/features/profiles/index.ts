import type { Operation } from "../../kernel/operation.ts";
import { configure } from "./configure.ts";
import { remove } from "./delete.ts";
import type { Deps } from "./deps.ts";
import { list } from "./list.ts";

const verbs = [configure, list, remove];

export const operations = (deps: Deps): Operation[] => verbs.map((verb) => verb(deps));
