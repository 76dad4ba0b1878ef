import { UscError } from "../../kernel/errors.ts";

interface Seat {
  /** Resolves when the seat is free for its holder. */
  free: Promise<void>;
  leave(): void;
}

/** So many at once, in the order they came, and no more than `waiting` behind them. */
export function seats(most: number, waiting: number): { sit(): Seat } {
  const queue: (() => void)[] = [];
  let taken = 0;
  const pass = (): void => {
    const next = queue.shift();
    if (next === undefined) taken -= 1;
    else next();
  };
  return {
    sit() {
      if (taken < most) {
        taken += 1;
        return { free: Promise.resolve(), leave: pass };
      }
      if (queue.length >= waiting) {
        throw new UscError("unavailable", "Too many certificates wait to be read or written.", { retryAfter: 5 });
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      queue.push(resolve);
      const leave = (): void => {
        const at = queue.indexOf(resolve);
        if (at === -1) pass();
        else queue.splice(at, 1);
      };
      return { free: promise, leave };
    },
  };
}
