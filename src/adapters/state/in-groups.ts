/** Milliseconds: groups that follow each other closely are done no oftener. */
const everyMs = 10;

/**
 * Does together what is asked for within one turn of the event loop, or within a few milliseconds where much is asked for; in its order, one group after the
 * other. All of a group succeeds or fails together.
 */
export function inGroups<T>(act: (group: readonly T[]) => Promise<void>): (one: T) => Promise<void> {
  let group: { one: T; settle: (error?: unknown) => void }[] = [];
  let last = -everyMs;
  const doAll = async (): Promise<void> => {
    const [these, failure]: [typeof group, unknown[]] = [group, []];
    group = [];
    try {
      await act(these.map(({ one }) => one));
    } catch (error) {
      failure.push(error);
    }
    last = performance.now();
    for (const { settle } of these) settle(...failure);
  };
  let before: Promise<void> = Promise.resolve();
  const next = (): void => void (before = before.then(doAll));
  const soon = (): void => {
    const early = last + everyMs - performance.now();
    if (early <= 0) setImmediate(next);
    else setTimeout(next, early);
  };
  return (one) =>
    new Promise((resolve, reject) => {
      if (group.length === 0) soon();
      group.push({ one, settle: (...failed) => (failed.length === 0 ? resolve() : reject(failed[0])) });
    });
}
