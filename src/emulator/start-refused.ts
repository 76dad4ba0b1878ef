/** Why a local Azure does not start, in one sentence. "in use": somebody else has what it needs; "unusable": it was told something wrong. */
export class StartRefused extends Error {
  override name = "StartRefused";
  readonly why: "in use" | "unusable";
  readonly hint: string | undefined;

  constructor(why: "in use" | "unusable", sentence: string, hint?: string) {
    super(sentence);
    this.why = why;
    this.hint = hint;
  }
}

/** The code of a failed system call, such as ENOENT. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
