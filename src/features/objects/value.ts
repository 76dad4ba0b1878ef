import { UscError } from "../../kernel/errors.ts";
import { markTag } from "../connectors/model.ts";
import type { Secret, SecretChanges, SecretProperties, SecretWrite } from "./port.ts";

/**
 * Terminology
 *   value        the user's bytes
 *   stored text  what Key Vault keeps: the value itself when it is UTF-8, else its base64, marked by a tag as `az` marks it
 */
export const maxStored = 25_600;
const maxTags = 15;
const maxTagText = 256;
const maxContentType = 255;

type Stored = Pick<SecretWrite, "value" | "contentType" | "tags">;

/** How the caller gave a value: never guessed. */
export interface Form {
  /** It is base64 of the user's bytes. */
  "binary-value"?: boolean | undefined;
  /** It is to be kept as a file is: base64 with its mark, even where the bytes are text. */
  file?: boolean | undefined;
}

/** The text to store and how it is marked. */
export function toStored(value: string, { "binary-value": isBase64 = false, file = false }: Form): Stored {
  const stored = file ? marked(isBase64 ? bytesOf(value) : Buffer.from(value)) : isBase64 ? fromBytes(bytesOf(value)) : { value, tags: {} };
  const size = Buffer.byteLength(stored.value);
  if (size > maxStored) {
    const bytes = Buffer.byteLength(value, isBase64 ? "base64" : "utf8");
    const given = bytes === size ? `${size} bytes` : `${bytes} bytes, ${size} as stored`;
    throw new UscError("usage", `The value is too large: ${given}; Key Vault takes ${maxStored}.`, {
      hint: "Keep large files elsewhere and store their key.",
    });
  }
  return stored;
}

function fromBytes(bytes: Buffer): Stored {
  const text = bytes.toString("utf8");
  if (Buffer.from(text, "utf8").equals(bytes)) return { value: text, tags: {} };
  return marked(bytes);
}

const binaryType = "application/octet-stream";

const marked = (bytes: Buffer): Stored => ({ value: bytes.toString("base64"), contentType: binaryType, tags: { [markTag]: "base64" } });

/** Whether the content type is the one that came with the mark. */
export const isBinaryType = ({ contentType, tags }: SecretProperties): boolean => contentType === binaryType && tags[markTag] === "base64";

function bytesOf(base64: string): Buffer {
  if (!isBase64Text(base64)) {
    throw new UscError("usage", "--value is not valid: --binary-value says that it is base64, and it is not.", {
      hint: "For text, leave --binary-value out.",
    });
  }
  return Buffer.from(base64, "base64");
}

const isBase64Text = (text: string): boolean => {
  const compact = text.replace(/[\r\n]/gu, "");
  return compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/u.test(compact);
};

/** The user's bytes in base64, as every answer carries them, and whether they are more than text. */
export function fromStored(secret: Secret): { value: string; binary: boolean } {
  if (secret.tags[markTag] === "base64" && isBase64Text(secret.value)) {
    return { value: secret.value.replace(/[\r\n]/gu, ""), binary: true };
  }
  return { value: Buffer.from(secret.value, "utf8").toString("base64"), binary: false };
}

/** The mark that a value bears, as tags. */
export const markOf = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  tags[markTag] === undefined ? {} : { [markTag]: tags[markTag] };

/** The tags of a new version, without the mark of the value before it. */
export function carriedTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  const { [markTag]: _, ...carried } = tags;
  return carried;
}

/** Azure's limits on what surrounds a value, said before the request. */
export function checkLimits<T extends SecretChanges>(write: T): T {
  const tags = Object.entries(write.tags ?? {});
  if (tags.length > maxTags) {
    throw new UscError("usage", `There are ${tags.length} tags; Key Vault takes ${maxTags}.`, {
      hint: "The connector's own --usc-tags count as well, and so does the mark of a binary value.",
    });
  }
  const long = tags.find(([key, text]) => key.length > maxTagText || text.length > maxTagText);
  if (long) throw new UscError("usage", `A tag is too long: Key Vault takes ${maxTagText} characters for its name and for its text.`);
  if ((write.contentType?.length ?? 0) > maxContentType) {
    throw new UscError("usage", `--content-type is too long: Key Vault takes ${maxContentType} characters.`);
  }
  return write;
}
