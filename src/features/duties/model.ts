import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   lease     the right of one process to be the only one that runs a duty, until a time; taken by a write that moves the record's revision
 *   fencing   every write of a turn also moves that revision: a process that lost its lease fails at its next write, whatever its clock says
 *   back-off  how long a duty that failed is left alone: twice as long with every failure
 * Times are epoch milliseconds.
 */
const DutyState = once(() =>
  z.object({
    /** Process that runs it, or ran it when it ended; the lease is over when `until` is past. */
    holder: z.string(),
    until: z.number(),
    /** Of the last run, or of the one that is under way. */
    began: z.number(),
    ended: z.optional(z.number()),
    /** `ok` or the error's code. */
    outcome: z.optional(z.string()),
    /** What it said, or why it failed. */
    detail: z.optional(z.string()),
    /** When the last run that succeeded began. */
    succeeded: z.optional(z.number()),
    /** In a row. */
    failures: z.int(),
    /** The end of the back-off. */
    rest: z.optional(z.number()),
  }),
);
export type DutyState = z.infer<ReturnType<typeof DutyState>>;

/** Keyed by the duty's name. */
export const dutyStates: RecordKind<DutyState> = { name: "duties", noun: "duty", schema: DutyState };
