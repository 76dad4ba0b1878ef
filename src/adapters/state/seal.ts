import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from "node:crypto";

/** Where a sealed value belongs. It opens nowhere else. */
export type Place = readonly string[];

const cipher = "aes-256-gcm";
const version = 1;
const keyIdLength = 8;
const nonceLength = 12;
// Said at each call: without it Node accepts tags of 4 bytes.
const authTagLength = 16;
const headerLength = 1 + keyIdLength + nonceLength;

/** layout version (1) | key id (8) | nonce (12) | ciphertext | tag (16) */
export function seal(key: KeyObject, keyId: string, place: Place, plain: Buffer): Buffer {
  const nonce = randomBytes(nonceLength);
  const encryption = createCipheriv(cipher, key, nonce, { authTagLength });
  encryption.setAAD(associatedData(keyId, place));
  return Buffer.concat([
    Buffer.from([version]),
    Buffer.from(keyId, "hex"),
    nonce,
    encryption.update(plain),
    encryption.final(),
    encryption.getAuthTag(),
  ]);
}

/** Undefined if a single bit differs from what was sealed, or if it was sealed for another place or under another key. */
export function unseal(key: KeyObject, keyId: string, place: Place, sealed: Buffer): Buffer | undefined {
  if (sealed.length < headerLength + authTagLength || sealedWith(sealed) !== keyId) return undefined;
  const decryption = createDecipheriv(cipher, key, sealed.subarray(1 + keyIdLength, headerLength), { authTagLength });
  decryption.setAAD(associatedData(keyId, place));
  decryption.setAuthTag(sealed.subarray(-authTagLength));
  const unverified = decryption.update(sealed.subarray(headerLength, -authTagLength));
  try {
    // Adds nothing to the text: it says whether the text is genuine.
    decryption.final();
    return unverified;
  } catch {
    unverified.fill(0);
    return undefined;
  }
}

/** The id of the key it says it was sealed with; undefined if the layout is unknown. */
export function sealedWith(sealed: Buffer): string | undefined {
  return sealed[0] === version ? sealed.toString("hex", 1, 1 + keyIdLength) : undefined;
}

export function newKeyId(): string {
  return randomBytes(keyIdLength).toString("hex");
}

// Each part with its length in front: joined by a separator, `a` + `b/c` and `a/b` + `c` would be one place.
function associatedData(keyId: string, place: Place): Buffer {
  return Buffer.from([`usc-seal-${version}`, keyId, ...place].map((part) => `${part.length}:${part}`).join(""));
}
