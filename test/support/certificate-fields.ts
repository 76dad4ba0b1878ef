import { isUtf8 } from "node:buffer";
import type { BundleInput } from "../../src/features/objects/x509-port.ts";

/** What the command line makes of a file (src/faces/cli/gather.ts): text, or base64 of what is none. */
const asField = (bytes: Uint8Array): string => Buffer.from(bytes).toString(isUtf8(bytes) ? "utf8" : "base64");

/** A user's files as the fields of `create`: one file is the value, and what comes in several has a field each. */
export function fieldsOf({ bytes, keyBytes, chainBytes, password }: BundleInput): Record<string, unknown> {
  const parts = { "cert-data": bytes, "key-data": keyBytes, "chain-data": chainBytes };
  const one = keyBytes === undefined && chainBytes === undefined;
  const files = one ? { value: bytes } : parts;
  const fields = Object.entries(files).flatMap(([name, given]) => (given === undefined ? [] : [[name, asField(given)]]));
  return {
    ...Object.fromEntries(fields),
    ...(one && !isUtf8(bytes) ? { "binary-value": true } : {}),
    ...(password === undefined ? {} : { "pfx-password": password }),
  };
}
