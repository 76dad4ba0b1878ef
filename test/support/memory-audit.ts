import type { Audit, Entry, Outcome, Witness } from "../../src/kernel/audit.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { UscError } from "../../src/kernel/errors.ts";

type Row =
  | { act: "intend"; entry: Entry }
  | { act: "close"; intent: number; outcome: Outcome }
  | { act: "note"; entry: Entry; outcome: Outcome };

/** What a call is audited with, kept in memory. `full`: from now on nothing can be written. */
export function memoryWitness(clock: Clock) {
  const rows: Row[] = [];
  const warnings: string[] = [];
  const switches = { full: false };
  const append = (row: Row): number => {
    if (switches.full) throw new UscError("unavailable", "The disk is full.", { hint: "Make room." });
    return rows.push(row);
  };
  const audit: Audit = {
    intend: async (entry) => append({ act: "intend", entry }),
    close: async (intent, outcome) => void append({ act: "close", intent, outcome }),
    note: async (entry, outcome) => void append({ act: "note", entry, outcome }),
  };
  const witness: Witness = { audit, clock, seen: {}, caller: () => "tester", warn: (sentence) => void warnings.push(sentence) };
  return { witness, rows, warnings, switches };
}
