import { UscError } from "../../kernel/errors.ts";
import { itemPath } from "../../kernel/paths.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type Connector, connectors } from "./model.ts";

export async function findConnector(store: Store, name: string): Promise<Stored<Connector>> {
  const path = itemPath(name, "connector");
  const stored = await store.collection(connectors).get(path);
  if (!stored) throw new UscError("not_found", `There is no connector named ${path}.`, { hint: "`usc list-items` shows the stored ones." });
  return stored;
}

export const connectorsOf =
  (store: Store) =>
  async (target: string): Promise<{ name: string; "vault-url": string }[]> =>
    (await store.collection(connectors).list())
      .filter(({ value }) => value["target-name"] === target)
      .map(({ key, value }) => ({ name: key, "vault-url": value["vault-url"] }));
