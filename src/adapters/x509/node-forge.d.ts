/** What this room uses of node-forge, which brings no types: bytes in "binary" strings, a character each. */
declare module "node-forge/lib/rc2.js" {
  import type { Bytes } from "node-forge/lib/util.js";
  interface Cipher {
    start(iv: string): void;
    update(input: Bytes): void;
    /** Whether the padding was right. */
    finish(): boolean;
    output: Bytes;
  }
  const rc2: { createDecryptionCipher(key: string, effectiveBits: number): Cipher };
  export default rc2;
}

declare module "node-forge/lib/util.js" {
  export interface Bytes {
    getBytes(): string;
  }
  const util: { createBuffer(bytes: string): Bytes };
  export default util;
}
