import { hash } from "node:crypto";

/** What a derived key is for (RFC 7292, B.3): the byte goes into the derivation. */
export const purposes = { key: 1, iv: 2, mac: 3 } as const;

export interface Pkcs12Derivation {
  digest: "sha1" | "sha224" | "sha256" | "sha384" | "sha512";
  purpose: keyof typeof purposes;
  /** Null is a PFX without a password; an empty one is another thing. */
  password: string | null;
  salt: Buffer;
  iterations: number;
  /** Bytes. */
  length: number;
}

/**
 * The key derivation of PKCS#12 (RFC 7292, B.2), which Node's OpenSSL has and Node does not offer. Over Buffers, which can be filled with 0; the library
 * that has it (node-forge) keeps keys in strings, and 117 KB of RSA and random numbers come with it. The test holds the two together.
 */
export function pkcs12Key({ digest, purpose, password, salt, iterations, length }: Pkcs12Derivation): Buffer {
  const block = digest === "sha384" || digest === "sha512" ? 128 : 64;
  const secret = bmp(password);
  const diversifier = Buffer.alloc(block, purposes[purpose]);
  const input = Buffer.concat([filled(salt, block), filled(secret, block)]);
  const key = Buffer.alloc(length);
  for (let made = 0; made < length;) {
    let digested = hash(digest, Buffer.concat([diversifier, input]), "buffer");
    for (let round = 1; round < iterations; round++) digested = hash(digest, digested, "buffer");
    made += digested.copy(key, made);
    addToBlocks(input, block, filled(digested, block, block));
    digested.fill(0);
  }
  secret.fill(0);
  input.fill(0);
  return key;
}

/** UTF-16, the high byte first, with a zero character at its end. */
function bmp(password: string | null): Buffer {
  return password === null ? Buffer.alloc(0) : Buffer.from(`${password}\0`, "utf16le").swap16();
}

/** Repeated to fill whole blocks, or `size` bytes. */
function filled(bytes: Buffer, block: number, size = Math.ceil(bytes.length / block) * block): Buffer {
  const whole = Buffer.alloc(size);
  for (let at = 0; at < size; at++) whole[at] = bytes[at % bytes.length] ?? 0;
  return whole;
}

/** Each block of `input`, as one number, grows by `addend` and 1; what does not fit is dropped. */
function addToBlocks(input: Buffer, block: number, addend: Buffer): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1;
    for (let at = block - 1; at >= 0; at--) {
      const sum = (input[start + at] ?? 0) + (addend[at] ?? 0) + carry;
      input[start + at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
