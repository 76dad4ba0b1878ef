import type { KeyObject } from "node:crypto";
import { EncryptedPrivateKeyInfo } from "@peculiar/asn1-pkcs8";
import type { Budget } from "./budget.ts";
import { plainKey } from "./keys.ts";
import { unprotect, type Password } from "./protection.ts";
import { octetsOf, parse } from "./shapes.ts";

/** An encrypted PKCS#8 key (RFC 5958), as PEM files and PFX bags hold it. `wrong`: the password does not open it. Undefined: it is something else. */
export function openEncryptedKey(der: Uint8Array | ArrayBuffer, password: Password, budget: Budget): KeyObject | "wrong" | undefined {
  const info = parse(der, EncryptedPrivateKeyInfo);
  if (!info) return undefined;
  const plain = unprotect(info.encryptionAlgorithm, octetsOf(info.encryptedData), password, budget);
  const key = plain && plainKey(plain, "pkcs8");
  plain?.fill(0);
  return key ?? "wrong";
}

export const isEncryptedKey = (der: Uint8Array): boolean => parse(der, EncryptedPrivateKeyInfo) !== undefined;
