import { UscError } from "../../kernel/errors.ts";

/** The mark says of one value that it is stored as base64. On every object it would have texts read as base64, too. */
export function refuseMark(tags: Readonly<Record<string, string>> = {}): void {
  if (!Object.hasOwn(tags, "file-encoding")) return;
  throw new UscError("usage", "--usc-tags is not valid: file-encoding is the mark of a single value, and not a tag for all.", {
    hint: "`usc create --binary-value` sets it where a value needs it.",
  });
}
