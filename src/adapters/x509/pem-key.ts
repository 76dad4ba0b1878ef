import { createPrivateKey, type KeyObject } from "node:crypto";
import type { Budget } from "./budget.ts";
import { isSmall, plainKey, type KeyForm } from "./keys.ts";
import { pem, type PemBlock } from "./pem.ts";
import { refusal } from "./refusals.ts";

const plainForms: Record<string, KeyForm> = {
  "PRIVATE KEY": "pkcs8",
  "RSA PRIVATE KEY": "pkcs1",
  "EC PRIVATE KEY": "sec1",
};

/** What OpenSSL's old way may have used and Node still opens; the rest (DES, IDEA, RC2) is gone from it. */
const oldCiphers = /^(AES-(128|192|256)-CBC|DES-EDE3-CBC|CAMELLIA-(128|192|256)-CBC)$/u;

/** The key of a block, or undefined where the block holds something else. */
export async function keyOfBlock(block: PemBlock, password: string | undefined, budget: Budget): Promise<KeyObject | undefined> {
  const { label, headers, bytes } = block;
  if (!label.endsWith("PRIVATE KEY")) return undefined;
  if (label === "ENCRYPTED PRIVATE KEY") return encryptedKey(bytes, "The private key", password, budget);
  const form = plainForms[label];
  if (!isSmall(bytes)) throw refusal("damaged", "The private key");
  if (!form) throw refusal("keyForm", label);
  const key = headers.includes("ENCRYPTED") ? oldEncryptedKey(block, password) : plainKey(bytes, form);
  bytes.fill(0);
  if (!key) throw refusal("damaged", "The private key");
  return key;
}

/** `what` names the bytes where they are no encrypted key after all. */
export async function encryptedKey(der: Buffer, what: string, password: string | undefined, budget: Budget): Promise<KeyObject> {
  const { isEncryptedKey, openEncryptedKey } = await import("./encrypted-key.ts");
  if (!isSmall(der) || !isEncryptedKey(der)) throw refusal("damaged", what);
  if (password === undefined) throw refusal("passwordNeeded", "The private key");
  const key = openEncryptedKey(der, password, budget);
  if (!key) throw refusal("damaged", what);
  if (key === "wrong") throw refusal("wrongPassword", "the private key");
  return key;
}

/** `Proc-Type: 4,ENCRYPTED` (RFC 1421): one round of MD5, so nothing to bound. */
function oldEncryptedKey({ label, headers, bytes }: PemBlock, password: string | undefined): KeyObject {
  const cipher = /DEK-Info: ?([A-Z0-9-]{1,40}),/iu.exec(headers)?.[1]?.toUpperCase();
  if (cipher === undefined) throw refusal("damaged", "The private key");
  if (!oldCiphers.test(cipher)) throw refusal("keyCipher", cipher);
  if (password === undefined) throw refusal("passwordNeeded", "The private key");
  try {
    return createPrivateKey({ key: pem(label, bytes, headers), passphrase: password });
  } catch {
    throw refusal("wrongPassword", "the private key");
  }
}
