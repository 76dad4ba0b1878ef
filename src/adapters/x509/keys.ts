import { createPrivateKey, type KeyObject } from "node:crypto";

export type KeyForm = "pkcs8" | "pkcs1" | "sec1";

/** RSA of 16,384 bits has 10 KB, and OpenSSL works for seconds on a mebibyte that is no key. */
export const isSmall = (der: Buffer): boolean => der.length <= 65_536;

/** A key in DER, or undefined where it is none of that form. Node's errors may quote what they read, and go no further. */
export function plainKey(der: Buffer, type: KeyForm): KeyObject | undefined {
  if (!isSmall(der)) return undefined;
  try {
    return createPrivateKey({ key: der, format: "der", type });
  } catch {
    return undefined;
  }
}
