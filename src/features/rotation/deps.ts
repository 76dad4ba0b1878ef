import type { Clock } from "../../kernel/clock.ts";
import type { May } from "../../kernel/rights.ts";
import type { Steps } from "../../kernel/steps.ts";
import type { Change, Store } from "../../kernel/store.ts";
import type { Outbox } from "../events/port.ts";
import type { Remote, Rotators } from "./port.ts";

/** What a rotation needs of the house. */
export interface Engine {
  store: Store;
  clock: Clock;
  outbox: Outbox;
  rotators: Rotators;
  remote: () => Promise<Remote>;
  /** A name never given before. */
  newMark: () => string;
  warn: (sentence: string) => void;
}

export interface Deps extends Omit<Engine, "warn"> {
  steps: Steps;
  may: May;
}

/** As what a rotation is run: as a command, or as a turn of a duty. */
export interface Manner {
  /** Before each request to Azure: throws when the user, or the duty's signal, says stop, or the turn is lost. */
  at(doing: string, done: string, resume: string): Promise<void>;
  pause(ms: number): Promise<void>;
  commit(changes: readonly Change[]): Promise<void>;
}
