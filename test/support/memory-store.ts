import { UscError } from "../../src/kernel/errors.ts";
import { pathFold } from "../../src/kernel/paths.ts";
import type { Change, Collection, RecordKind, Store } from "../../src/kernel/store.ts";

interface Kept {
  text: string;
  revision: number;
}

type Apply = (draft: Map<string, Kept>) => void;

/** A store that forgets at the end of the process, and keeps every other promise of the port. */
export function memoryStore(): Store {
  let kept = new Map<string, Kept>();
  const ids = new Map<string, number>();
  const effects = new WeakMap<Change, Apply>();

  const collection = <T>({ name, noun, schema }: RecordKind<T>): Collection<T> => {
    const idOf = (key: string): string => `${name}\u0000${key}`;
    const read = ([id, { text, revision }]: [string, Kept]) => ({
      key: id.slice(name.length + 1),
      value: schema.parse(JSON.parse(text)),
      revision,
    });
    const change = (key: string, apply: Apply): Change => {
      const made = { collection: name, key };
      effects.set(made, apply);
      return made;
    };
    const expect = (draft: Map<string, Kept>, key: string, ifRevision: number | undefined): void => {
      const present = draft.get(idOf(key));
      const twin = [...draft.keys()].find(
        (id) => id.startsWith(`${name}\u0000`) && id !== idOf(key) && pathFold(id) === pathFold(idOf(key)),
      );
      if (twin !== undefined && !present) throw new UscError("conflict", `A ${noun} named ${twin.slice(name.length + 1)} exists already.`);
      if (ifRevision === undefined) return;
      if (ifRevision === 0 && present) throw new UscError("conflict", `A ${noun} named ${key} exists already.`);
      if (ifRevision > 0 && !present) throw new UscError("not_found", `There is no ${noun} named ${key}.`);
      if (ifRevision > 0 && present?.revision !== ifRevision) throw new UscError("conflict", `The ${noun} ${key} was changed meanwhile.`);
    };
    return {
      get: async (key) => {
        const found = kept.get(idOf(key));
        return found && read([idOf(key), found]);
      },
      list: async (prefix = "") =>
        [...kept]
          .filter(([id]) => id.startsWith(idOf(prefix)))
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(read),
      put: (key, value, ifRevision) =>
        change(key, (draft) => {
          expect(draft, key, ifRevision);
          draft.set(idOf(key), { text: JSON.stringify(schema.parse(value)), revision: (draft.get(idOf(key))?.revision ?? 0) + 1 });
        }),
      remove: (key, ifRevision) =>
        change(key, (draft) => {
          if (ifRevision !== undefined) expect(draft, key, ifRevision);
          draft.delete(idOf(key));
        }),
      touch: (key, ifRevision) =>
        change(key, (draft) => {
          expect(draft, key, ifRevision);
          const present = draft.get(idOf(key));
          if (present) draft.set(idOf(key), { ...present, revision: present.revision + 1 });
        }),
    };
  };
  return {
    collection,
    commit: async (changes) => {
      const draft = new Map(kept);
      for (const change of changes) effects.get(change)?.(draft);
      kept = draft;
    },
    nextId: async (name) => {
      const id = (ids.get(name) ?? 0) + 1;
      ids.set(name, id);
      return id;
    },
  };
}
