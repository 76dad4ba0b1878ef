/** One call. Absent is what it has not, or what was not learned. */
export interface AuditRow {
  id: number;
  /** When it began, RFC 3339. */
  time: string;
  operation: string;
  item?: string;
  object?: string;
  to?: string;
  caller: string;
  identity?: string;
  /** `ok` or the error's code; `unknown` for an intent without an outcome: it was killed, or is still at work. */
  outcome: string;
  duration_ms?: number;
  request_id?: string;
}

/** What is wrong, by the numbers of rows. */
export type Finding =
  /** Not as usc wrote it: edited, moved from elsewhere or put in. */
  | { kind: "changed"; id: number }
  /** Deleted, also at the end. The row after a gap cannot be proven. */
  | { kind: "missing"; from: number; to: number }
  /** The record of where the audit begins and ends is not usc's. */
  | { kind: "ends" };

export interface Verdict {
  count: number;
  /** Number of the last row, 0 if there never was one. */
  last: number;
  /** Fingerprint of all rows up to the last one, 64 hex digits. */
  head: string;
  findings: Finding[];
}

export interface AuditFilter {
  /** Only what began at this time or later, RFC 3339 in UTC without fractions. */
  since?: string | undefined;
  item?: string | undefined;
  operation?: string | undefined;
}

/** The audit as a reader sees it. */
export interface AuditBook {
  /** Newest first. */
  pages(filter: AuditFilter): AsyncIterable<AuditRow[]>;
  /** Reads every row. */
  verify(): Promise<Verdict>;
  /** Removes the oldest rows, up to the first that is not before this time. A row that is not as usc wrote it stays, and what lies behind it: it would not show any more. */
  prune(before: string): Promise<{ removed: number; kept: number; findings: Finding[] }>;
}
