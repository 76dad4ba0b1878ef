import { deskOf } from "../duties.ts";
import type { Settings } from "../features/duties/deps.ts";
import { attend } from "../features/duties/loop.ts";
import type { House } from "../house.ts";
import type { Duty } from "../kernel/duty.ts";
import { errorDocument } from "../kernel/errors.ts";

/** Does what falls due, each time as one audited call of `duty run`, until the signal; resolves when the last one has ended. */
export function attendDuties(
  house: House,
  { duties, settings, stop, say }: { duties: readonly Duty[]; settings: Settings; stop: AbortSignal; say: (sentence: string) => void },
): Promise<void> {
  const caller = { name: "the gateway itself", stop, warn: say, ask: async () => true };
  const failed = (what: string, error: unknown): void => {
    const { error: sentence } = errorDocument(error);
    if (!stop.aborted) say(`${what} ${sentence}`);
  };
  const run = async (name: string): Promise<void> => {
    try {
      await house.call(await house.find("duties", "duty run"), { name, "if-due": true, ...settings }, caller);
    } catch (error) {
      failed(`The duty ${name} failed.`, error);
    }
  };
  return attend(deskOf(house), duties, stop, { run, warn: (error) => failed("What is due is not known.", error) });
}
