import { UscError } from "../../kernel/errors.ts";
import { markTag } from "./model.ts";

/** On every object the mark would have texts read as base64, too. */
export function refuseMark(tags: Readonly<Record<string, string>> = {}): void {
  if (!Object.hasOwn(tags, markTag)) return;
  throw new UscError("usage", `--usc-tags is not valid: ${markTag} is the mark of a single value, and not a tag for all.`, {
    hint: "`usc create --binary-value` sets it where a value needs it.",
  });
}
