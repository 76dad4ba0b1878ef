import type { Duty } from "../../kernel/duty.ts";
import type { Desk } from "./deps.ts";
import { standing } from "./standing.ts";

/** Milliseconds between two looks at what is due: another process may have made something due. */
const lookMs = 5000;

/**
 * Runs each duty when it is due, until the signal: each for itself, so that a slow one holds no other up. `run` does it, by one process at a time,
 * and tells its failures by itself; `warn` hears when the store cannot even say what is due. Resolves when the last one has ended.
 */
export async function attend(
  desk: Desk,
  duties: readonly Duty[],
  stop: AbortSignal,
  { run, warn }: { run: (name: string) => Promise<void>; warn: (error: unknown) => void },
): Promise<void> {
  const { clock, random } = desk;
  const attendOne = async (duty: Duty): Promise<void> => {
    let blind = false;
    while (!stop.aborted) {
      try {
        const { due = Infinity } = await standing(desk, duty);
        if (due <= clock.now()) await run(duty.name);
        blind = false;
      } catch (error) {
        // Said once, not at every look.
        if (!blind) warn(error);
        blind = true;
      }
      // Two gateways that were started together do not stay together.
      await clock.sleep(lookMs * (0.8 + 0.4 * random()), stop).catch(() => {});
    }
  };
  await Promise.all(duties.map(attendOne));
}
