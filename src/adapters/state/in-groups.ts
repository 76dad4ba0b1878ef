/** Does together what is asked for within one turn of the event loop, in its order; all of it succeeds or fails together. */
export function inGroups<T>(act: (group: readonly T[]) => void): (one: T) => Promise<void> {
  let group: { one: T; settle: (error?: unknown) => void }[] = [];
  const doAll = (): void => {
    const [these, failure]: [typeof group, unknown[]] = [group, []];
    group = [];
    try {
      act(these.map(({ one }) => one));
    } catch (error) {
      failure.push(error);
    }
    for (const { settle } of these) settle(...failure);
  };
  return (one) =>
    new Promise((resolve, reject) => {
      if (group.length === 0) setImmediate(doAll);
      group.push({ one, settle: (...failed) => (failed.length === 0 ? resolve() : reject(failed[0])) });
    });
}
