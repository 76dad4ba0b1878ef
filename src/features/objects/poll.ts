import type { Clock } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import type { Step, Steps } from "../../kernel/steps.ts";
import type { Vault } from "./port.ts";

const firstPauseMs = 250;
const longestPauseMs = 2000;
/** Azure has been seen to take two minutes. */
export const waitMs = 180_000;

/** Looks again and again, ever more slowly, until `look` finds something or the time is over. */
export async function poll<T>(
  { clock, steps }: { clock: Clock; steps: Steps },
  vault: Vault,
  step: Step,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = vault.limits?.deadline ?? clock.now() + waitMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    steps.at(step);
    const found = await look();
    if (found !== undefined) return found;
    if (clock.now() + pause > deadline) {
      throw new UscError("unavailable", `${step.done} Key Vault has not come further within the time given.`, {
        hint: `\`${step.resume}\` goes on from here; --timeout gives it longer.`,
      });
    }
    await steps.pause(pause);
  }
}
