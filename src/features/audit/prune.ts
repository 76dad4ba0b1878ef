import * as z from "zod/mini";
import { type Clock, rfc3339 } from "../../kernel/clock.ts";
import { UscError } from "../../kernel/errors.ts";
import { text } from "../../kernel/fields.ts";
import { operation } from "../../kernel/operation.ts";
import { onSystem } from "../../kernel/rights.ts";
import { refuseFindings } from "./findings.ts";
import type { AuditBook } from "./port.ts";
import { timeOf } from "./since.ts";

export const prune = ({ book, clock }: { book: AuditBook; clock: Clock }) =>
  operation({
    name: "audit prune",
    summary: "Removes the oldest rows of the audit",
    example: "audit prune --before 2027-01-31T00:00:00Z",
    notes:
      "What stays can still be verified. A row that is not as usc wrote it is not removed, nor what lies behind it: what shows that would go with it.",
    effect: "write",
    needs: [onSystem("delete", "/audit")],
    input: () => z.object({ before: text("Rows older than this go", { placeholder: "YYYY-MM-DDTHH:MM:SSZ" }) }),
    output: () => z.object({ removed: z.int(), kept: z.int() }),
    run: async (input) => {
      const before = timeOf(input.before);
      if (Number.isNaN(before)) throw new UscError("usage", "--before is not valid: expected a time such as 2027-01-31T00:00:00Z.");
      if (before > clock.now()) throw new UscError("usage", "--before is not valid: it lies in the future.");
      const { removed, kept, findings } = await book.prune(rfc3339(before));
      refuseFindings(findings, `${removed} older rows were removed. \`usc audit verify\` names every row.`);
      return { removed, kept };
    },
  });
