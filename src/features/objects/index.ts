import type { Clock } from "../../kernel/clock.ts";
import type { Operation } from "../../kernel/operation.ts";
import { create } from "./create.ts";
import { remove } from "./delete.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import type { ObjectAdapter, OpenVault, ReadReference } from "./port.ts";
import { update } from "./update.ts";

interface Deps {
  adapter: ObjectAdapter;
  clock: Clock;
  openVault: OpenVault;
  readReference: ReadReference;
}

export const operations = (deps: Deps): Operation[] => [list(deps), get(deps), create(deps), update(deps), remove(deps)];
