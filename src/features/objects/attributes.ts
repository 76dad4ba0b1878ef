import { rfc3339 } from "../../kernel/clock.ts";
import { description, flag, instant, optionalText, pairs } from "../../kernel/fields.ts";
import type { SecretChanges, SecretProperties } from "./port.ts";
import { carriedTags, isBinaryType } from "./value.ts";

/** The attribute flags of `create` and `update`. */
export const attributes = () => ({
  description: description("Stored as the tag `description`"),
  "content-type": optionalText("Content type of the value", { placeholder: "TYPE" }),
  tags: pairs("Tag of the object; may be repeated"),
  enabled: flag("Whether the version can be read"),
  "remote-secret-activation-date": instant("Not before this time"),
  "remote-secret-expires": instant("Expires at this time", { aliases: ["expires-on"] }),
});

interface Given {
  description?: string | undefined;
  "content-type"?: string | undefined;
  tags?: Record<string, string> | undefined;
  enabled?: boolean | undefined;
  "remote-secret-activation-date"?: string | undefined;
  "remote-secret-expires"?: string | undefined;
}

/** The given attributes as an adapter takes them; what was not given is absent. */
export function attributesOf(given: Given): SecretChanges & { tags: Record<string, string> } {
  const { "content-type": contentType, enabled, "remote-secret-activation-date": from, "remote-secret-expires": until } = given;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(from === undefined ? {} : { notBefore: Date.parse(from) }),
    ...(until === undefined ? {} : { expires: Date.parse(until) }),
    tags: { ...(given.description === undefined ? {} : { description: given.description }), ...given.tags },
  };
}

/** What a new version takes over from the one before, which Key Vault itself does not; and what it does not, as sentences. */
export function carried(
  before: SecretProperties,
  now: number,
): { changes: SecretChanges & { tags: Record<string, string> }; warnings: string[] } {
  const { contentType, expires, notBefore, enabled } = before;
  const past = expires !== undefined && expires <= now;
  return {
    changes: {
      ...(contentType === undefined || isBinaryType(before) ? {} : { contentType }),
      ...(expires === undefined || past ? {} : { expires }),
      ...(notBefore === undefined ? {} : { notBefore }),
      enabled,
      tags: carriedTags(before.tags),
    },
    warnings: past ? [`The expiry ${rfc3339(expires)} is past and was not carried to the new version.`] : [],
  };
}
