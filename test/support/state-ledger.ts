import type { StateStore } from "../../src/adapters/state/index.ts";
import type { Change } from "../../src/kernel/store.ts";
import { notices, papers } from "./state-papers.ts";

/**
 * A fixed sequence of writes of which each one has an effect that can be foretold: after n steps the store holds `expectedAfter(n)`, and nothing
 * else. Every step also moves the count on, in the same commit.
 */
export async function stepOnce(store: StateStore, step: number): Promise<void> {
  if (step % 7 === 5) await store.rotateKey({ of: "all" });
  await store.commit([...changesOf(store, step), store.collection(notices).put("/count", { text: String(step + 1) })]);
}

export async function stepsDone(store: StateStore): Promise<number> {
  return Number((await store.collection(notices).get("/count"))?.value.text ?? 0);
}

/** Key to secret. */
export function expectedAfter(steps: number): Record<string, string> {
  const expected: Record<string, string> = {};
  for (let step = 0; step < steps; step++) {
    if (removes(step)) delete expected[`/${step - 2}`];
    else expected[`/${step}`] = secretOf(step);
  }
  return expected;
}

function changesOf(store: StateStore, step: number): Change[] {
  const collection = store.collection(papers);
  if (removes(step)) return [collection.remove(`/${step - 2}`)];
  return [collection.put(`/${step}`, { text: "x".repeat(50 * step), secret: secretOf(step) }, 0)];
}

function removes(step: number): boolean {
  return step % 5 === 4;
}

function secretOf(step: number): string {
  return `secret ${step} ${"s".repeat(step % 100)}`;
}
