import { UscError } from "../../kernel/errors.ts";
import { once } from "../../kernel/once.ts";
import { present } from "../../kernel/present.ts";
import { type Change, rewritten, type Store, type Stored } from "../../kernel/store.ts";
import type { ItemChange, OtherItem, OtherItems } from "../connectors/port.ts";
import { connectors } from "../connectors/model.ts";
import { allAssociations, type Associated, associationsOf, associationsTo, itemOf } from "./associations.ts";
import { untouched } from "./journal.ts";
import { type RotatedSecret, rotatedSecrets } from "./model.ts";
import { itemViewOf, throughView } from "./view.ts";

/** Rotated secrets as items among others. */
export function rotatedItems(store: Store): OtherItems {
  const collection = store.collection(rotatedSecrets);
  const shown = (stored: Stored<RotatedSecret>, associated: () => Promise<readonly Associated[]>): OtherItem => ({
    key: stored.key,
    tags: stored.value.tags,
    view: async () => itemViewOf(stored.value, await associated()),
    changed: (path, change) => changeOf(store, stored, path, change),
  });
  return {
    type: "rotated-secret",
    async get(path) {
      const stored = await collection.get(path);
      return stored === undefined ? undefined : shown(stored, () => associationsOf(store, stored.value));
    },
    async list(prefix) {
      const all = once(() => allAssociations(store));
      return (await collection.list(prefix)).map((stored) => shown(stored, async () => (await all()).get(stored.value.id) ?? []));
    },
    vacant: (path) => collection.vacant(path),
    async through(connector) {
      const all = await associationsTo(store, connector);
      const items = await Promise.all(all.map(async (each) => ({ each, item: await itemOf(store, each.place) })));
      return items.flatMap(({ each, item }) => (item === undefined ? [] : [throughView(each, item)]));
    },
    refuseDelete: (path) =>
      new UscError("conflict", `${path} is a rotated secret, and delete-item knows nothing of its credential.`, {
        hint: `usc rotated-secret delete --name ${path}`,
      }),
  };
}

/** What is said of an item alone. */
export function said(item: RotatedSecret, change: ItemChange): RotatedSecret {
  const { addTags = [], removeTags = [] } = change;
  const tags = [...new Set([...item.tags, ...addTags])].filter((tag) => !removeTags.includes(tag));
  const { description, deleteProtection: protection, customFields, modifiedAt } = change;
  const others = { description, "delete-protection": protection, "item-custom-fields": customFields, "modified-at": modifiedAt };
  return { ...item, ...present(others), tags };
}

/** What gives an item another name, or says other things of it. Not while it is rotated: the journal knows it by its name. */
export function changeOf(store: Store, stored: Stored<RotatedSecret>, path: string, change: ItemChange): Change[] {
  const isMoved = path !== stored.key;
  return [
    ...rewritten(store.collection(rotatedSecrets), stored, path, { ...said(stored.value, change), name: path }),
    ...(isMoved ? [untouched({ store }, stored.key), untouched({ store }, path), store.collection(connectors).vacant(path)] : []),
  ];
}
