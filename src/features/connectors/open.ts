import { UscError } from "../../kernel/errors.ts";
import type { Store } from "../../kernel/store.ts";
import { trustedCloud } from "../targets/clouds.ts";
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
    const cloud = await trustedCloud(store, target.key, target.value);
    return { url: connector["vault-url"], cloud, target: target.value, connector, ...(limits === undefined ? {} : { limits }) };
  };
