import rc2 from "node-forge/lib/rc2.js";
import util from "node-forge/lib/util.js";

/** RC2 in CBC mode (RFC 2268), which no OpenSSL of today has switched on, and old PFX files are full of. Undefined: the padding is wrong, so the key is. */
export function openRc2(data: Buffer, key: Buffer, iv: Buffer): Buffer | undefined {
  // The library would take the whole blocks of what is not whole.
  if (data.length === 0 || data.length % 8 !== 0) return undefined;
  const cipher = rc2.createDecryptionCipher(key.toString("latin1"), key.length * 8);
  cipher.start(iv.toString("latin1"));
  cipher.update(util.createBuffer(data.toString("latin1")));
  return cipher.finish() ? Buffer.from(cipher.output.getBytes(), "latin1") : undefined;
}
