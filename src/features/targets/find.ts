import { UscError } from "../../kernel/errors.ts";
import { itemPath } from "../../kernel/paths.ts";
import type { Store, Stored } from "../../kernel/store.ts";
import { type Target, targets } from "./model.ts";

/** The target of this name, however its leading slash was typed. */
export async function findTarget(store: Store, name: string): Promise<Stored<Target>> {
  const path = itemPath(name, "target");
  const stored = await store.collection(targets).get(path);
  if (!stored) throw new UscError("not_found", `There is no target named ${path}.`, { hint: "`usc target list` shows the stored ones." });
  return stored;
}

/** A line break at the end of a secret is nearly always an editor's or `echo`'s, and Entra's refusal would not say so. */
export function wholeLine(secret: string): string {
  if (/[\r\n]/u.test(secret)) {
    throw new UscError("usage", "--client-secret is not valid: it holds a line break.", {
      hint: "Write the file without one: printf %s instead of echo.",
    });
  }
  return secret;
}
