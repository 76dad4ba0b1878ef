import * as z from "zod/mini";
import type { RecordKind } from "../../src/kernel/store.ts";

const Paper = z.object({ text: z.string(), secret: z.optional(z.string()), pin: z.optional(z.string()) });
export type Paper = z.infer<typeof Paper>;

export const papers: RecordKind<Paper> = { name: "papers", noun: "paper", schema: () => Paper, sealed: ["secret", "pin"] };
export const leaves: RecordKind<Paper> = { name: "leaves", noun: "leaf", schema: () => Paper, sealed: ["secret", "pin"] };
export const notices: RecordKind<Paper> = { name: "notices", noun: "notice", schema: () => Paper };
