import { UscError } from "../../kernel/errors.ts";
import type { Store } from "../../kernel/store.ts";
import { findCloud, originOf } from "../targets/clouds.ts";
import { targets } from "../targets/model.ts";
import { findConnector } from "./find.ts";
import type { Limits, Vault } from "./port.ts";

/** Connector -> target -> cloud. Refuses when the cloud no longer is the one that the secret was given for. */
export const openVault =
  (store: Store) =>
  async (name: string, limits?: Limits): Promise<Vault> => {
    const { value: connector, key } = await findConnector(store, name);
    const target = await store.collection(targets).get(connector["target-name"]);
    if (!target) {
      throw new UscError("not_found", `The connector ${key} has lost its target ${connector["target-name"]}.`, {
        hint: "Create a target of that name again.",
      });
    }
    const cloud = await findCloud(store, target.value["azure-cloud"]);
    if (originOf(cloud) !== target.value.origin) {
      throw new UscError(
        "conflict",
        `The cloud ${cloud.name} has other hosts than when the secret of ${target.key} was given, so it is not sent there.`,
        {
          hint: `usc target update azure --name ${target.key} --client-secret-file PATH`,
        },
      );
    }
    return { url: connector["vault-url"], cloud, target: target.value, connector, ...(limits === undefined ? {} : { limits }) };
  };
