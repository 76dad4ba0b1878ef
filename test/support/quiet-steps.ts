import type { Steps } from "../../src/kernel/steps.ts";

/** Steps that nobody is told of, asked about or stops, but for what a test says. */
export const quietSteps = (more: Partial<Steps> = {}): Steps => ({
  at() {},
  pause: async () => {},
  confirm: async () => {},
  warn() {},
  stopping: () => new AbortController().signal,
  ...more,
});
