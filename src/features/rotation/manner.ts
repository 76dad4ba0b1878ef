import type { Deps, Engine, Manner } from "./deps.ts";

export const engineOf = (deps: Deps): Engine => ({ ...deps, warn: (sentence) => deps.steps.warn(sentence) });

/** As a command: it can be stopped between two steps, and says which one goes on. */
export function asCommand({ steps, store }: Deps): Manner {
  return {
    at: async (doing, done, resume) => steps.at({ doing, done, resume }),
    pause: (ms) => steps.pause(ms),
    commit: (changes) => store.commit(changes),
  };
}
