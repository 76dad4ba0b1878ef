import { UscError } from "../../kernel/errors.ts";
import { attributesOf } from "./attributes.ts";

interface Retagging {
  tags?: Record<string, string> | undefined;
  description?: string | undefined;
  "remove-tag"?: string[] | undefined;
  "replace-attributes"?: boolean | undefined;
}

export const isRetagged = (given: Retagging): boolean =>
  Object.keys(attributesOf(given).tags).length > 0 || given["remove-tag"] !== undefined || given["replace-attributes"] === true;

/** The tags that a change leaves, of those that were there. */
export const retaggedFrom = (before: Record<string, string>, given: Retagging): Record<string, string> =>
  without({ ...(given["replace-attributes"] === true ? {} : before), ...attributesOf(given).tags }, given["remove-tag"]);

export function refuseNothing(changes: boolean): void {
  if (changes) return;
  throw new UscError("usage", "There is nothing to change.", { hint: "Give --value-file, or an attribute such as --enabled false." });
}

export function without(tags: Record<string, string>, names: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([tag]) => !names.includes(tag)));
}

/** A new value belongs to no version yet. */
export function refuseNamed(version: string | undefined): void {
  if (version === undefined) return;
  throw new UscError("usage", "A new value is a new version, and a version was named.", {
    hint: "Name a version only to change its attributes.",
  });
}
