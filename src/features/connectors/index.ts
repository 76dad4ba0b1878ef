import type { Clock } from "../../kernel/clock.ts";
import type { Operation } from "../../kernel/operation.ts";
import type { May } from "../../kernel/rights.ts";
import type { Store } from "../../kernel/store.ts";
import { move, remove, update } from "./change.ts";
import { create } from "./create.ts";
import type { OtherItems, VaultAddress } from "./port.ts";
import { describe, getTags, list } from "./read.ts";

interface Deps {
  store: Store;
  clock: Clock;
  vaultAddress: VaultAddress;
  may: May;
  others: OtherItems;
}

export const operations = (deps: Deps): Operation[] => [
  create(deps),
  update(deps),
  describe(deps),
  list(deps),
  getTags(deps),
  move(deps),
  remove(deps),
];
