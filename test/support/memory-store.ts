import { UscError } from "../../src/kernel/errors.ts";
import { pathFold } from "../../src/kernel/paths.ts";
import type { Change, Collection, RecordKind, Store, Stored } from "../../src/kernel/store.ts";

interface Kept {
  key: string;
  json: string;
  revision: number;
}

/** Collection and fold of a key, to what is kept there. */
type Shelf = Map<string, Kept>;

/** A store that forgets: the same promises as the one on disk, in the same words (test/contract/store.ts). */
export function memoryStore(): Store {
  let shelf: Shelf = new Map();
  const counters = new Map<string, number>();
  const plans = new WeakMap<Change, (shelf: Shelf) => void>();

  function plan<T>(
    kind: RecordKind<T>,
    key: string,
    ifRevision: number | undefined,
    json: ((old: Kept) => string) | "nothing" | undefined,
  ): Change {
    if (!key.isWellFormed()) throw new UscError("usage", `That is no ${kind.noun} name: it is not valid Unicode text.`);
    const change: Change = { collection: kind.name, key };
    plans.set(change, (next) => {
      const place = placeOf(kind.name, key);
      const old = next.get(place);
      check(kind.noun, key, ifRevision, old, json !== undefined);
      if (json === "nothing") return;
      if (json) next.set(place, { key, json: json(old ?? { key, json: "", revision: 0 }), revision: (old?.revision ?? 0) + 1 });
      else if (old?.key === key) next.delete(place);
    });
    return change;
  }

  return {
    collection<T>(kind: RecordKind<T>): Collection<T> {
      const stored = ({ key, json, revision }: Kept): Stored<T> => ({ key, value: kind.schema().parse(JSON.parse(json)), revision });
      const all = () => [...shelf].filter(([place]) => place.startsWith(placeOf(kind.name, ""))).map(([, kept]) => kept);
      return {
        async get(key) {
          const kept = shelf.get(placeOf(kind.name, key));
          return kept?.key === key ? stored(kept) : undefined;
        },
        async list(prefix = "", limit = Infinity, after = "") {
          const isBehind = (key: string): boolean => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
          const found = all().filter((kept) => kept.key.startsWith(prefix) && isBehind(kept.key));
          return found
            .sort((one, two) => Buffer.compare(Buffer.from(one.key), Buffer.from(two.key)))
            .slice(0, limit)
            .map(stored);
        },
        count: async (prefix) => all().filter((kept) => kept.key.startsWith(prefix)).length,
        put(key, value, ifRevision) {
          const json = JSON.stringify(kind.schema().parse(value));
          return plan(kind, key, ifRevision, () => json);
        },
        remove: (key, ifRevision) => plan(kind, key, ifRevision, undefined),
        touch: (key, ifRevision) => plan(kind, key, ifRevision, (old) => old.json),
        vacant: (key) => plan(kind, key, 0, "nothing"),
      };
    },
    async commit(changes) {
      const next = new Map(shelf);
      for (const change of changes) {
        const act = plans.get(change);
        if (!act) throw new TypeError("a change of another store");
        act(next);
      }
      shelf = next;
    },
    async nextId(name) {
      const id = (counters.get(name) ?? 0) + 1;
      counters.set(name, id);
      return id;
    },
  };
}

function placeOf(collection: string, key: string): string {
  return `${collection}\n${pathFold(key)}`;
}

function check(noun: string, key: string, ifRevision: number | undefined, old: Kept | undefined, writes: boolean): void {
  const own = old?.key === key ? old : undefined;
  if (ifRevision && !own) throw new UscError("not_found", `The ${noun} ${key} does not exist.`);
  if (old && !own && writes) throw new UscError("conflict", `The ${noun} ${key} would be a twin of ${old.key}, which exists already.`);
  if (ifRevision === 0 && own) throw new UscError("conflict", `The ${noun} ${key} exists already.`);
  if (own && ifRevision !== undefined && own.revision !== ifRevision)
    throw new UscError("conflict", `The ${noun} ${key} was changed meanwhile.`);
}
