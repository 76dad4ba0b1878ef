import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import type { RecordKind } from "../../kernel/store.ts";

/**
 * Terminology
 *   round   one look at all objects of a connector
 *   notice  an event that an object expires soon (`pending`), or has expired
 */
const Round = once(() =>
  z.object({
    /** When the last whole round began, epoch milliseconds. */
    began: z.number(),
    /** Of which objects notice was given, by type and name, and of which date: a new date is told of anew. */
    told: z.record(z.string(), z.object({ expires: z.number(), stage: z.enum(["pending", "expired"]) })),
  }),
);
export type Round = z.infer<ReturnType<typeof Round>>;

/** Keyed by the connector's path. */
export const rounds: RecordKind<Round> = { name: "expiry-rounds", noun: "round of expiry", schema: Round };
