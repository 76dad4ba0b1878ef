import type { Steps } from "../../src/kernel/steps.ts";

/** Nobody waits and nobody stops it. */
export const silentSteps: Steps = { at: () => {}, pause: async () => {}, warn: () => {} };
