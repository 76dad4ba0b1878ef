import { expect, it } from "vitest";
import { pacing } from "../../../src/adapters/azure/pacing.ts";
import { stillClock } from "../../support/still-clock.ts";

/** Requests sent one after the other, `everyMs` apart if nothing holds them back: when each goes out. */
async function sentAt(count: number, everyMs: number): Promise<number[]> {
  const clock = stillClock();
  const pace = pacing(clock);
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await pace("https://a");
    times.push(clock.now());
    clock.advance(everyMs);
  }
  return times;
}

it.each([0, 0.4, 1, 2.7, 5])(
  "10,000 requests, one every %d ms if nothing holds them back, are never 4,000 in ten seconds",
  async (everyMs) => {
    const times = await sentAt(10_000, everyMs);
    const tooSoon = times.filter((time, index) => time - (times[index - 3999] ?? -Infinity) < 10_000);
    expect(tooSoon).toEqual([]);
  },
);

it("what stays below the limit, and another vault, is not held back", async () => {
  const slow = await sentAt(5000, 3);
  expect(slow.at(-1)).toBe((slow[0] ?? 0) + 4999 * 3);
  const clock = stillClock();
  const pace = pacing(clock);
  for (let index = 0; index < 3600; index += 1) await pace("https://a");
  await pace("https://b");
  expect(clock.sleeps).toEqual([]);
});
