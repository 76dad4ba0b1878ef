import { systemClock } from "../../kernel/clock.ts";
import { isCode } from "../../kernel/errors.ts";
import type { Database, Life } from "./database.ts";
import type { Query } from "./query.ts";

/** Milliseconds after which a lock that is held is asked for once more. */
const againMs = 10;

/** The writes of a store, while others may wait for the same process. */
export interface Soon {
  write<T>(act: (query: Query) => T): Promise<T>;
  jot<T>(act: (query: Query) => T): Promise<T>;
  emptyLog(): Promise<ReturnType<Database["emptyLog"]>>;
}

/** Milliseconds that a write, and a jotting, waits for another process's lock. */
interface Waits {
  lockTimeout: number;
  noteTimeout: number;
}

/** A process that does one thing waits within SQLite. One that does many goes on with the others meanwhile. */
export function soonOf(database: Database, life: Life, { lockTimeout, noteTimeout }: Waits): Soon {
  if (life === "short") {
    return {
      write: async (act) => database.write(act),
      jot: async (act) => database.jot(act),
      emptyLog: async () => database.emptyLog(),
    };
  }
  return {
    write: (act) => whenFree(lockTimeout, () => database.write(act, 0)),
    jot: (act) => whenFree(noteTimeout, () => database.jot(act, 0)),
    async emptyLog() {
      for (const end = systemClock.now() + lockTimeout; ; await systemClock.sleep(againMs)) {
        const how = database.emptyLog(0);
        if (how !== "held" || systemClock.now() >= end) return how;
      }
    },
  };
}

async function whenFree<T>(withinMs: number, act: () => T): Promise<T> {
  for (const end = systemClock.now() + withinMs; ; await systemClock.sleep(againMs)) {
    try {
      return act();
    } catch (thrown) {
      if (!isCode(thrown, "unavailable", "busy") || systemClock.now() >= end) throw thrown;
    }
  }
}
