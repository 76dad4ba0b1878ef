import { isCode } from "../../kernel/errors.ts";
import type { Engine } from "./deps.ts";
import type { Held } from "./journal.ts";
import type { Rotator, Subject } from "./port.ts";

/** Entra's machines do not all learn of a secret at once: one that took it says little of the next. */
const inARow = 3;
const betweenMs = 500;
const firstWaitMs = 1000;
const longestWaitMs = 15_000;
/** Microsoft's word is minutes; three were seen. */
const patienceMs = 300_000;

/** Logs in with a new secret until that works so many times in a row. The last refusal, if it never does. */
export async function prove({ clock }: Engine, held: Held, rotator: Rotator, subject: Subject, secret: string): Promise<void> {
  const deadline = clock.now() + patienceMs;
  for (let [worked, wait] = [0, firstWaitMs]; worked < inARow;) {
    await held.hold("Waiting until the new credential logs in");
    const refusal = await rotator.verify(subject, secret).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    worked = refusal === undefined ? worked + 1 : 0;
    if (worked === inARow) return;
    if (refusal !== undefined && (!mayPass(refusal.error) || clock.now() + wait >= deadline)) throw refusal.error;
    await held.pause(refusal === undefined ? betweenMs : wait);
    if (refusal !== undefined) wait = Math.min(wait * 2, longestWaitMs);
  }
}

const mayPass = (error: unknown): boolean => isCode(error, "unauthenticated") || isCode(error, "unavailable");
