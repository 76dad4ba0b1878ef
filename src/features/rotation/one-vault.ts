import { UscError } from "../../kernel/errors.ts";
import type { Change, Store, Stored } from "../../kernel/store.ts";
import { type Connector, connectors } from "../connectors/model.ts";
import { associations, keyOf } from "./associations.ts";

/**
 * A vault may have several connectors, and a name in it is one place all the same: `conflict` where it is written to through another one of them. Gives
 * what makes sure, in the commit of a new association, that no other is made there at the same instant.
 */
export async function noOther(store: Store, { key, value }: Stored<Connector>, name: string): Promise<Change[]> {
  const collection = store.collection(connectors);
  const isOther = (each: Stored<Connector>): boolean => each.key !== key && each.value["vault-url"] === value["vault-url"];
  const others = (await collection.list()).filter(isOther);
  for (const other of others) {
    if ((await store.collection(associations).get(keyOf({ usc: other.value.id, name }))) === undefined) continue;
    throw new UscError("conflict", `The secret ${name} in the vault of ${key} is kept in sync through another connector of that vault.`, {
      hint: "Give another --remote-secret-name.",
    });
  }
  return others.map((other) => collection.touch(other.key, other.revision));
}
