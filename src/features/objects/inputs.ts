import { choice, flag, instant, optionalText, pairs, text } from "../../kernel/fields.ts";

/** The fields that several verbs share, with their documented short flags. */
export const uscName = () => text("Connector to work through", { short: "n", aliases: ["esm-name"] });

export const objectType = () => choice("Kind of object (default: secret)", ["secret"]);

export const secretId = () => text("Name, NAME/VERSION, or the object's full URL", { short: "s" });

export const value = () => text("The value", { short: "v", secret: true, emptyIsValue: true, base64Mark: "binary-value" });

export const binaryValue = () => flag("--value is base64 of the bytes to store", { short: "b" });

export const attributes = () => ({
  description: optionalText("Stored as the tag `description`"),
  "content-type": optionalText("Content type of the value", { placeholder: "TYPE" }),
  tags: pairs("Tag of the object; may be repeated"),
  "remote-secret-activation-date": instant("Not before this time"),
  "remote-secret-expires": instant("Expires at this time", { aliases: ["expires-on"] }),
});

interface Given {
  description?: string | undefined;
  "content-type"?: string | undefined;
  tags?: Record<string, string> | undefined;
  "remote-secret-activation-date"?: string | undefined;
  "remote-secret-expires"?: string | undefined;
}

/** The given attributes as an adapter takes them. */
export function attributesOf(given: Given): { contentType?: string; tags: Record<string, string>; notBefore?: number; expires?: number } {
  const { description, "content-type": contentType, "remote-secret-activation-date": from, "remote-secret-expires": until } = given;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(from === undefined ? {} : { notBefore: Date.parse(from) }),
    ...(until === undefined ? {} : { expires: Date.parse(until) }),
    tags: { ...(description === undefined || description === "default_metadata" ? {} : { description }), ...given.tags },
  };
}
