import { UscError } from "../../kernel/errors.ts";
import type { Finding } from "./port.ts";

const told = 10;

/** Throws `conflict`, naming the rows, if there is anything to name. */
export function refuseFindings(findings: readonly Finding[], hint: string): void {
  if (findings.length === 0) return;
  const more = findings.length > told ? `, and ${findings.length - told} more` : "";
  throw new UscError("conflict", `The audit is not as usc wrote it: ${findings.slice(0, told).map(words).join(", ")}${more}.`, { hint });
}

function words(finding: Finding): string {
  if (finding.kind === "ends") return "the record of its beginning and end was changed";
  if (finding.kind === "changed") return `row ${finding.id} was changed, moved or put in`;
  return finding.from === finding.to ? `row ${finding.from} is missing` : `rows ${finding.from} to ${finding.to} are missing`;
}
