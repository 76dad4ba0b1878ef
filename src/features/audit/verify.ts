import * as z from "zod/mini";
import { operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import { refuseFindings } from "./findings.ts";
import type { AuditBook } from "./port.ts";

export const verify = ({ book }: { book: AuditBook }) =>
  operation({
    name: "audit verify",
    summary: "Proves that no row of the audit was changed, put in or taken away",
    example: "audit verify",
    notes:
      "Every row bears a keyed hash over itself and the row before, so that a change anywhere is named by the numbers of rows. `head` stands for all rows up to `last`: kept elsewhere, it also tells when the whole store was put back to an older state.",
    effect: "read",
    needs: [onSystem("read", "/audit")],
    input: () => z.object({}),
    output: () => z.object({ count: z.int(), last: z.int(), head: z.string() }),
    run: async () => {
      const { findings, count, last, head } = await book.verify();
      refuseFindings(findings, "Keep a copy of the folder for whoever looks into it; `usc audit list` shows the rows around.");
      return { count, last, head };
    },
  });
