import { recordAt } from "../../kernel/find.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type Connector, connectors } from "./model.ts";

export const findConnector = (store: Store, given: string): Promise<Stored<Connector>> => recordAt(store, connectors, given, "list-items");

/** A connector where any item could have been meant: the sentence says no more than that. */
export const findItem = (store: Store, given: string): Promise<Stored<Connector>> =>
  recordAt(store, { ...connectors, noun: "item" }, given, "list-items");

export const connectorsOf =
  (store: Store) =>
  async (target: string): Promise<{ name: string; noun: string; "vault-url": string }[]> =>
    (await store.collection(connectors).list())
      .filter(({ value }) => value["target-name"] === target)
      .map(({ key, value }) => ({ name: key, noun: "connector", "vault-url": value["vault-url"] }));
