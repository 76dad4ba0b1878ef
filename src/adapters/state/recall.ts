const most = 500;

/** Answers a look at the store: by what was seen before, if nothing was written since. */
export type Recall = <T>(what: string, look: () => T) => T;

/** Looks each time: for a process that does one thing. */
export const forgetful: Recall = (_, look) => look();

/**
 * For a process that reads the same few records at every call. `version`: unlike after any commit of another process; it is asked once in a turn of the
 * event loop, since whoever was told of such a commit calls in a later one. `forget`: after any commit of this process. What is given out is
 * frozen, since many callers hold it.
 */
export function recallOf(version: () => unknown): { recall: Recall; forget: () => void } {
  const known = new Map<string, unknown>();
  let [of, asked]: [unknown, boolean] = [undefined, false];
  const look = (): void => {
    if (asked) return;
    asked = true;
    setImmediate(() => (asked = false));
    const now = version();
    if (now !== of) known.clear();
    of = now;
  };
  const recall = <T>(what: string, read: () => T): T => {
    look();
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- put there below, under the same name
    if (known.has(what)) return known.get(what) as T;
    const found = frozen(read());
    if (known.size >= most) known.clear();
    known.set(what, found);
    return found;
  };
  return { recall, forget: () => known.clear() };
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
