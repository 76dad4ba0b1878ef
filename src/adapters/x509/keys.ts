import { createPrivateKey, type KeyObject } from "node:crypto";

export type KeyForm = "pkcs8" | "pkcs1" | "sec1";

/** A key in DER, or undefined where it is none of that form. Node's errors may quote what they read, and go no further. */
export function plainKey(der: Buffer, type: KeyForm): KeyObject | undefined {
  try {
    return createPrivateKey({ key: der, format: "der", type });
  } catch {
    return undefined;
  }
}
