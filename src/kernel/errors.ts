/** Every outcome of `usc`, once: what a shell sees and what an HTTP client sees. */
export const outcomes = {
  internal: { exit: 1, status: 500 },
  usage: { exit: 2, status: 400 },
  not_found: { exit: 3, status: 404 },
  conflict: { exit: 4, status: 409 },
  unauthenticated: { exit: 5, status: 424 },
  forbidden: { exit: 6, status: 424 },
  gateway_unauthenticated: { exit: 5, status: 401 },
  gateway_forbidden: { exit: 6, status: 403 },
  unavailable: { exit: 7, status: 503 },
  unsupported: { exit: 8, status: 501 },
  partial: { exit: 9, status: 207 },
  changes: { exit: 10, status: 200 },
  interrupted: { exit: 130, status: 503 },
} as const;

export type Code = keyof typeof outcomes;

interface Details {
  /** What to do next, as one sentence. */
  hint?: string | undefined;
  /** Azure's id of the failed request: what its support asks for. */
  requestId?: string | undefined;
  /** Seconds. */
  retryAfter?: number | undefined;
  /** What code may branch on where the code alone does not tell. Never printed. */
  reason?: Reason | undefined;
  /** What the operation answers all the same, e.g. the steps of a check that failed: it goes to stdout, before the error. */
  answer?: Record<string, unknown> | undefined;
}

/**
 * `disabled`: it is there, and may not be read. `deleted`: soft-deleted under that name. `deleting`: Key Vault is still at work on that name.
 * `making`: a version of that name is in the making. `lost`: whether the write took effect is not known. `rekeyed`: the store has another master key
 * than the one at hand. `full`: the disk is. `busy`: somebody else writes to the store.
 */
export type Reason = "disabled" | "deleted" | "deleting" | "making" | "lost" | "rekeyed" | "full" | "busy";

/** The one error of the house. Its message is a sentence for a person and never holds a value, a token or a server's raw text. */
export class UscError extends Error {
  override readonly name = "UscError";
  readonly code: Code;
  readonly details: Details;

  constructor(code: Code, sentence: string, details: Details = {}) {
    super(sentence);
    this.code = code;
    this.details = details;
  }
}

export const isCode = (error: unknown, code: Code, reason?: Reason): error is UscError =>
  error instanceof UscError && error.code === code && (reason === undefined || error.details.reason === reason);

/** Of an object that is there, and may not be read. */
export const isDisabled = (error: unknown): error is UscError => isCode(error, "forbidden", "disabled");

export interface ErrorDocument {
  error: string;
  code: Code;
  hint?: string;
  request_id?: string;
  retry_after?: number;
}

/** The shape of a failure on stderr and in an HTTP body. Anything that is not ours is a bug: its text may hold a secret, so only its class is told. */
export function errorDocument(thrown: unknown): ErrorDocument {
  const error =
    thrown instanceof UscError
      ? thrown
      : new UscError("internal", `usc failed unexpectedly (${className(thrown)}).`, {
          hint: "This is a bug. Please report the command, without values.",
        });
  const { hint, requestId, retryAfter } = error.details;
  return {
    error: error.message,
    code: error.code,
    ...(hint === undefined ? {} : { hint }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
  };
}

function className(thrown: unknown): string {
  return thrown instanceof Error ? thrown.constructor.name : typeof thrown;
}
