import * as z from "zod/mini";
import type { Clock } from "./clock.ts";
import { UscError } from "./errors.ts";

/** One step of a check, as it is answered. */
export const stepRow = () =>
  z.object({
    step: z.string(),
    status: z.enum(["ok", "failed", "skipped"]),
    /** Milliseconds. */
    ms: z.number(),
    detail: z.optional(z.string()),
    hint: z.optional(z.string()),
    request_id: z.optional(z.string()),
  });
type Row = z.infer<ReturnType<typeof stepRow>>;

/** Steps that are run one after the other until one fails; the ones behind it are skipped. */
export interface Check {
  rows: Row[];
  /** The first failure. */
  failure: UscError | undefined;
  /** What `act` says is the step's detail. */
  step(name: string, act: () => Promise<string | undefined>): Promise<void>;
  /** A step that has nothing to do here. */
  skip(name: string, detail: string): void;
}

export function checkOf(clock: Clock): Check {
  const check: Check = {
    rows: [],
    failure: undefined,
    skip: (step, detail) => void check.rows.push({ step, status: "skipped", ms: 0, ...(check.failure ? {} : { detail }) }),
    async step(step, act) {
      if (check.failure) {
        check.rows.push({ step, status: "skipped", ms: 0 });
        return;
      }
      const began = clock.now();
      try {
        const detail = await act();
        check.rows.push({ step, status: "ok", ms: clock.now() - began, ...(detail ? { detail } : {}) });
      } catch (error) {
        if (!(error instanceof UscError)) throw error;
        check.failure = error;
        const { hint, requestId } = error.details;
        check.rows.push({
          step,
          status: "failed",
          ms: clock.now() - began,
          detail: error.message,
          ...(hint === undefined ? {} : { hint }),
          ...(requestId === undefined ? {} : { request_id: requestId }),
        });
      }
    },
  };
  return check;
}

/** The answer of a check that passed; one that did not is thrown with its answer, so that the exit says it too. */
export function concluded<T extends Record<string, unknown>>(check: Check, answer: T): T {
  if (!check.failure) return answer;
  const failed = check.rows.find(({ status }) => status === "failed")?.step ?? "check";
  throw new UscError(check.failure.code, `The step "${failed}" failed: ${check.failure.message}`, { ...check.failure.details, answer });
}
