import { rfc3339 } from "../../kernel/clock.ts";
import { dayMs, durationMs } from "../../kernel/duration.ts";
import type { Duty } from "../../kernel/duty.ts";
import { UscError } from "../../kernel/errors.ts";
import { refuseFindings } from "./findings.ts";
import type { AuditBook } from "./port.ts";

/** Keeps the audit from growing for ever. `retention`: a duration, or `forever`. */
export function retention({ book, retention: asked = "365d" }: { book: AuditBook; retention: string | undefined }): Duty {
  const keepMs = asked === "forever" ? Infinity : durationMs(asked);
  if (keepMs === undefined || keepMs < dayMs) {
    throw new UscError("usage", "--audit-retention is not valid: expected a duration of a day or more, such as 365d, or `forever`.");
  }
  return {
    name: "audit-retention",
    summary: `Removes rows of the audit that are older than ${asked}, once a day`,
    due: async (_, last = 0) => (keepMs === Infinity ? undefined : last + dayMs),
    async run(turn) {
      await turn.hold();
      // Not fenced: whoever else prunes removes no other rows.
      const { removed, kept, findings } = await book.prune(rfc3339(turn.began - keepMs));
      refuseFindings(findings, `${removed} older rows were removed. \`usc audit verify\` names every row.`);
      return `${removed} rows removed, ${kept} kept.`;
    },
  };
}
