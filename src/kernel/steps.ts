import type { Clock } from "./clock.ts";
import { UscError } from "./errors.ts";

/** Where an operation of several steps stands. */
export interface Step {
  /** For a person who waits: "Waiting until x is purged". */
  doing: string;
  /** What is done by now, as a sentence, if the user stops here. */
  done: string;
  /** The command that goes on from here. */
  resume: string;
}

/** How an operation that takes several steps tells where it is, and hears that it should stop. */
export interface Steps {
  /** Call between two steps: throws `interrupted` when the user has asked to stop meanwhile. */
  at(step: Step): void;
  /** Waits, and ends early when the user asks to stop: then the next `at` throws. */
  pause(ms: number): Promise<void>;
  /** Asks a person at a terminal, and throws `interrupted` unless the answer is yes. Nobody else is asked. */
  confirm(question: string): Promise<void>;
  /** For the user's eyes, whatever becomes of the operation. */
  warn(sentence: string): void;
  /** For work that is not a row of steps: aborts when the user asks to stop, who from now on is waited for. */
  stopping(): AbortSignal;
}

/** Milliseconds in which what runs may come to its next step, once it is told to stop: a second less than the time that a supervisor gives. */
export const graceMs = 19_000;

/** The user's wish to stop. Until somebody holds it, it ends the process at once. */
export interface Stop {
  signal: AbortSignal;
  hold(): void;
}

export function stepsOf(deps: {
  clock: Clock;
  stop: Stop;
  tell: (doing: string) => void;
  warn: (sentence: string) => void;
  ask: (question: string) => Promise<boolean>;
}): Steps {
  const { clock, stop, tell, warn, ask } = deps;
  let told = "";
  return {
    at({ doing, done, resume }) {
      stop.hold();
      if (stop.signal.aborted) throw new UscError("interrupted", `Stopped. ${done}`, { hint: `\`${resume}\` goes on from here.` });
      if (doing !== told) tell(doing);
      told = doing;
    },
    pause: (ms) =>
      clock.sleep(ms, stop.signal).catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      }),
    async confirm(question) {
      if (!(await ask(question))) throw new UscError("interrupted", "It was not confirmed; nothing was done.");
    },
    warn,
    stopping() {
      stop.hold();
      return stop.signal;
    },
  };
}
