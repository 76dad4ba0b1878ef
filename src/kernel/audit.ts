import { type Clock, rfc3339 } from "./clock.ts";
import { type Code, errorDocument, UscError } from "./errors.ts";
import type { Named } from "./named.ts";
import { once } from "./once.ts";
import { present } from "./present.ts";
import { safeLine } from "./printable.ts";
import type { Rights } from "./rights.ts";

/**
 * Terminology: an *entry* says who asks for what, before it is known what comes of it. An *intent* is an entry that stands in the audit before the
 * act; its *outcome* is a row of its own, since no row is ever changed. A *note* is both in one row, after an act that changes nothing.
 * None of them holds a value: names, codes and times only.
 */
export interface Entry extends Named {
  /** RFC 3339, as all times of the audit. */
  time: string;
  operation: string;
  caller: string;
}

export interface Outcome {
  time: string;
  outcome: "ok" | Code;
  duration_ms: number;
  /** Target whose identity Azure saw. */
  identity?: string | undefined;
  /** Azure's id of the last request. */
  request_id?: string | undefined;
}

export interface Audit {
  /** Gives the number of the intent; it is durable by then. Rejects if nothing was written: then nothing may be done. */
  intend(entry: Entry): Promise<number>;
  /** What came of an intent; durable when it resolves. */
  close(intent: number, outcome: Outcome): Promise<void>;
  /** Entry and outcome of an act that changes nothing. A power cut may take the last ones. */
  note(entry: Entry, outcome: Outcome): Promise<void>;
}

/** What is learned of a call while it is under way: the composition root fills it, so that no feature has to know. Of one call at a time. */
export interface Seen extends Pick<Outcome, "identity" | "request_id"> {
  /** Item that was opened, for an input that does not name it by itself. */
  item?: string;
  /** Throws `gateway_forbidden` where the caller may not open a connector that no field of the input names by itself. */
  mayOpen?: (path: string) => void;
}

/** What the composition root knows of a call that is to be audited. */
export interface Ledger {
  audit: Audit;
  clock: Clock;
  seen: Seen;
}

/** And what the face knows. */
export interface Witness extends Ledger {
  /** Who asks: the user of this machine, or the name behind a token. Asked for once. */
  caller: () => string;
  /** What a gateway's caller may do; the user of this machine may do all. */
  rights?: Rights | undefined;
  warn: (sentence: string) => void;
}

/** Runs `act` between its two rows. A write that cannot be audited does not happen; a read goes through with a warning. */
export async function audited<T>(
  effect: "read" | "write",
  { operation, ...names }: Named & { operation: string },
  witness: Witness,
  act: () => Promise<T>,
): Promise<T> {
  const { audit, clock, seen, caller } = witness;
  const began = clock.now();
  const entry = once((): Entry => plain({ time: rfc3339(began), operation, ...names, caller: caller() }));
  const intent = effect === "write" ? await intended(audit, entry()) : undefined;

  const noted = (): Entry => (seen.item === undefined ? entry() : plain({ item: seen.item, ...entry() }));

  const close = async (outcome: Outcome["outcome"], failure?: unknown): Promise<void> => {
    const now = clock.now();
    const { identity } = seen;
    const request_id = (failure instanceof UscError ? failure.details.requestId : undefined) ?? seen.request_id;
    const row: Outcome = {
      time: rfc3339(now),
      outcome,
      duration_ms: Math.max(0, Math.round(now - began)),
      ...present({ identity, request_id }),
    };
    try {
      await (intent === undefined ? audit.note(noted(), plain(row)) : audit.close(intent, plain(row)));
    } catch (error) {
      const { error: sentence } = errorDocument(error);
      // What made both fail is said once.
      if (failure instanceof UscError && failure.message === sentence) return;
      witness.warn(`warning: \`${operation}\` ended with "${outcome}", and that could not be audited. ${sentence}`);
    }
  };

  let answer: T;
  try {
    answer = await act();
  } catch (error) {
    await close(error instanceof UscError ? error.code : "internal", error);
    throw error;
  }
  await close("ok");
  return answer;
}

async function intended(audit: Audit, entry: Entry): Promise<number> {
  try {
    return await audit.intend(entry);
  } catch (error) {
    const { error: sentence, hint } = errorDocument(error);
    // A full disk heals by itself; a wrong key or a damaged store does not, and says so by its own code.
    const code = error instanceof UscError ? error.code : "unavailable";
    throw new UscError(code, `Nothing was done, since it could not be audited. ${sentence}`, { hint });
  }
}

// An item's path is at most so long.
const maxLength = 512;

/** Every text bounded and printable: who wrote a name cannot write a line of the audit. */
function plain<T extends object>(row: T): T {
  if (Object.values(row).every((value) => typeof value !== "string" || isPlainText(value))) return row;
  const texts = Object.entries(row).flatMap(([name, value]) => (typeof value === "string" ? [[name, plainText(value)] as const] : []));
  return { ...row, ...Object.fromEntries(texts) };
}

const isPlainText = (text: string): boolean => text.length <= maxLength && /^[ -~]*$/u.test(text);

function plainText(text: string): string {
  const shown = safeLine(text.toWellFormed());
  return shown.length > maxLength ? `${shown.slice(0, maxLength - 1).toWellFormed()}…` : shown;
}
