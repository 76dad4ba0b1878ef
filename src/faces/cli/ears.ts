import { safeLine } from "../../kernel/printable.ts";
import { type Globals, isOn } from "./flags.ts";
import { writeAll } from "./print.ts";

/** What a person hears on stderr while a command runs. */
export interface Ears {
  onCall: ((call: CallTold) => void) | undefined;
  tell: (doing: string) => void;
  warn: (sentence: string) => void;
  ask: (question: string) => Promise<boolean>;
  /** Whether `ask` asks somebody. */
  isAsked: () => boolean;
}

interface CallTold {
  method: string;
  url: string;
  status?: number;
  ms: number;
  requestId?: string;
}

export function earsOf({ verbose, quiet, yes, input }: Globals): Ears {
  const say = (line: string): void => writeAll(2, `usc: ${safeLine(line)}\n`);
  // A script has said what it wants.
  const isAsked = (): boolean => !isOn(yes) && input !== false && isTerminal();
  return {
    onCall: isOn(verbose) ? tellCall : undefined,
    tell: (doing) => {
      if (!isOn(quiet) && process.stderr.isTTY === true) say(`${doing} ...`);
    },
    warn: (sentence) => {
      if (!isOn(quiet)) say(sentence);
    },
    isAsked,
    ask: async (question) => !isAsked() || (await import("./prompt.ts")).askYes(safeLine(question)),
  };
}

/** Whether somebody sits there who can be asked. */
export const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

function tellCall({ method, url, status, ms, requestId }: CallTold): void {
  writeAll(2, `${safeLine(`${method} ${url} ${status ?? "failed"} ${ms} ms ${requestId ?? "-"}`)}\n`);
}
