import { UscError } from "../../kernel/errors.ts";
import { recordAt } from "../../kernel/find.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type Target, targets } from "./model.ts";

export const findTarget = (store: Store, given: string): Promise<Stored<Target>> => recordAt(store, targets, given, "target list");

/** A line break at the end of a secret is nearly always an editor's or `echo`'s, and Entra's refusal would not say so. */
export function wholeLine(secret: string, field = "client-secret"): string {
  if (/[\r\n]/u.test(secret)) {
    throw new UscError("usage", `--${field} is not valid: it holds a line break.`, {
      hint: "Write the file without one: printf %s instead of echo.",
    });
  }
  return secret;
}
