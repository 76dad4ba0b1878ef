import { isThere, type Directory } from "./directory.ts";

/** Whose roles count for a principal: its own, and those of the groups that hold it, at any depth. */
export function identitiesOf({ groups }: Pick<Directory, "groups">, principal: string, now: number): ReadonlySet<string> {
  const known = new Set([principal]);
  // A set grows while it is walked, and its walk goes on to what was added.
  for (const id of known) {
    for (const group of groups) {
      if (isThere(group, now) && group.members.some(({ objectId, arrives }) => objectId === id && arrives <= now))
        known.add(group.objectId);
    }
  }
  return known;
}
