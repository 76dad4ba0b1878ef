import type { Clock } from "../../kernel/clock.ts";
import type { Operation } from "../../kernel/operation.ts";
import type { May } from "../../kernel/rights.ts";
import type { Steps } from "../../kernel/steps.ts";
import type { Store } from "../../kernel/store.ts";
import { cloudList } from "./cloud-list.ts";
import { cloudRegister } from "./cloud-register.ts";
import { cloudUnregister } from "./cloud-unregister.ts";
import { createAzure } from "./create-azure.ts";
import { remove } from "./delete.ts";
import { get, getDetails } from "./get.ts";
import { list } from "./list.ts";
import { fetchVaults } from "./fetch-vaults.ts";
import type { Login, ReadClientCertificate, TargetUsers, VaultFinder } from "./port.ts";
import { test } from "./test.ts";
import { updateAzure } from "./update-azure.ts";

interface Deps {
  store: Store;
  clock: Clock;
  users: TargetUsers;
  may: May;
  steps: Pick<Steps, "warn">;
  readClientCertificate: ReadClientCertificate;
  login: () => Promise<Login>;
  finder: () => Promise<VaultFinder>;
}

export const operations = (deps: Deps): Operation[] => [
  createAzure(deps),
  updateAzure(deps),
  get(deps),
  getDetails(deps),
  list(deps),
  test(deps),
  fetchVaults(deps),
  remove(deps),
  cloudRegister(deps),
  cloudList(deps),
  cloudUnregister(deps),
];
