import { UscError } from "./errors.ts";
import { itemPath } from "./paths.ts";
import type { RecordKind, Store, Stored } from "./store.ts";

/** The record at a path, however its leading slash was typed. `list`: the command that shows what there is. */
export async function recordAt<T>(store: Store, kind: RecordKind<T>, given: string, list: string): Promise<Stored<T>> {
  const path = itemPath(given, kind.noun);
  const stored = await store.collection(kind).get(path);
  if (stored !== undefined) return stored;
  throw new UscError("not_found", `There is no ${kind.noun} ${path}.`, { hint: `\`usc ${list}\` shows what there is.` });
}
