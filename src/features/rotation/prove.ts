import { isCode } from "../../kernel/errors.ts";
import type { Engine } from "./deps.ts";
import type { Held } from "./journal.ts";
import type { Rotator, Subject, Untried } from "./port.ts";

/** Entra's machines do not all learn of a secret at once: one that took it says little of the next. */
const inARow = 3;
const betweenMs = 500;
const firstWaitMs = 1000;
const longestWaitMs = 15_000;
/** Microsoft's word is minutes; three were seen. */
const patienceMs = 300_000;

interface At {
  subject: Subject;
  rotator: Rotator;
}

/**
 * Logs in with a new secret until that works so many times in a row. The last refusal, if it never does. What Azure shows whenever it is asked is what
 * works, and wants no proof.
 */
export async function prove({ clock, warn }: Engine, held: Held, { subject, rotator }: At): Promise<Untried | undefined> {
  if (rotator.is === "renewed") return undefined;
  const secret = held.stand.work.made?.secret ?? "";
  const deadline = clock.now() + patienceMs;
  for (let [worked, wait] = [0, firstWaitMs]; worked < inARow;) {
    await held.hold("Waiting until the new credential logs in");
    const tried: { untried?: Untried | void; error?: unknown } = await rotator.verify(subject, secret).then(
      (untried) => ({ untried }),
      (error: unknown) => ({ error }),
    );
    if (tried.untried !== undefined) {
      warn(`The new value of ${held.path} is unverified: ${tried.untried.why}`);
      return tried.untried;
    }
    const refusal = tried.error;
    worked = refusal === undefined ? worked + 1 : 0;
    if (worked === inARow) break;
    if (refusal !== undefined && (!mayPass(refusal) || clock.now() + wait >= deadline)) throw refusal;
    await held.pause(refusal === undefined ? betweenMs : wait);
    if (refusal !== undefined) wait = Math.min(wait * 2, longestWaitMs);
  }
  return undefined;
}

const mayPass = (error: unknown): boolean => isCode(error, "unauthenticated") || isCode(error, "unavailable");
