/** `act` on each item, at most `concurrency` at a time; results in the items' order. The first failure ends it, and nothing new is begun. */
export async function* inParallel<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  act: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  let next = 0;
  const begin = (): void => {
    const item = items[next];
    if (next >= items.length) return;
    next += 1;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an index below the length
    const begun = act(item as Item);
    // A failure waits for its turn; until then it is not unhandled.
    begun.catch(() => {});
    running.push(begun);
  };
  while (running.length < concurrency && next < items.length) begin();
  for (let result = running.shift(); result !== undefined; result = running.shift()) {
    const done = await result;
    begin();
    yield done;
  }
}
