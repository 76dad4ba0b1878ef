import { algorithms, family, type Family } from "./family.ts";
import type { Openssl } from "./openssl.ts";
import { password, reads, type Refused } from "./refused.ts";

/** Inputs that ask for more work than they are worth (threat C19). */
export function bombs(openssl: Openssl): Refused[] {
  const made = family(openssl, algorithms["EC P-256"]);
  return [...large(made), ...slow(made), ...deep(), ...wide()];
}

function large({ openssl, pem }: Family): Refused[] {
  const mebibyte = 1_048_576;
  const tooLarge = "The input is too large: 1048577 bytes; a certificate with its chain may have 1048576.";
  const manyBlocks = "There are more than 100 PEM blocks.";
  openssl.file("crowd.pem", authorities(openssl, 100));
  const crowd = openssl([
    "pkcs12",
    "-export",
    "-inkey",
    "leaf.key",
    "-in",
    "leaf.pem",
    "-certfile",
    "crowd.pem",
    "-passout",
    `pass:${password}`,
  ]);
  return [
    reads("a byte over a mebibyte", { bytes: Buffer.alloc(mebibyte + 1, pem.leaf) }, tooLarge),
    reads("a key over a mebibyte", { bytes: Buffer.from(pem.leaf), keyBytes: Buffer.alloc(mebibyte + 1) }, tooLarge),
    reads("a chain over a mebibyte", { bytes: Buffer.from(pem.leaf), chainBytes: Buffer.alloc(mebibyte + 1) }, tooLarge),
    reads("a mebibyte of zeros", { bytes: Buffer.alloc(mebibyte) }, "The input is neither PEM nor PFX nor DER, nor base64 of one of them."),
    reads("101 blocks", { bytes: Buffer.from(pem.leaf.repeat(100) + pem.key) }, manyBlocks),
    reads("10,000 blocks", { bytes: Buffer.from("-----BEGIN X-----\n-----END X-----\n".repeat(10_000)) }, manyBlocks),
    reads("10,000 beginnings", { bytes: Buffer.from("-----BEGIN X-----\n".repeat(10_000)) }, manyBlocks),
    reads("101 certificates in a PFX", { bytes: crowd, password }, "There are more than 100 certificates or keys in the PFX."),
  ];
}

/** As many different certificates as are asked for, by changing the serial number of one: a PFX takes them unchecked. */
export function authorities(openssl: Openssl, count: number): string {
  const der = openssl(["x509", "-in", "root.pem", "-outform", "DER"]);
  return Array.from({ length: count }, (_, at) => {
    const changed = Buffer.from(der);
    changed[20] = at;
    return `-----BEGIN CERTIFICATE-----\n${changed.toString("base64")}\n-----END CERTIFICATE-----\n`.replace(/.{64}/gu, "$&\n");
  }).join("");
}

/** 65,537 iterations, as OpenSSL takes them, become 8,388,607 by a change of three bytes. */
function slow({ openssl, pem }: Family): Refused[] {
  const asked = Buffer.from([2, 3, 1, 0, 1]);
  const pass = ["-passout", `pass:${password}`, "-iter", "65537"];
  const pfx = (...args: string[]): Buffer => openssl(["pkcs12", "-export", "-inkey", "leaf.key", "-in", "leaf.pem", ...pass, ...args]);
  const key = (...args: string[]): Buffer => openssl(["pkcs8", "-topk8", "-in", "leaf.key", ...pass, "-outform", "DER", ...args]);
  const patched = (bytes: Buffer, to: number[]): Buffer => {
    const at = bytes.lastIndexOf(asked);
    return at < 0 ? bytes : Buffer.concat([bytes.subarray(0, at), Buffer.from([2, 3, ...to]), bytes.subarray(at + 5)]);
  };
  const bomb = [0x7f, 0xff, 0xff];
  const sentence = "Its password protection asks for 8388607 iterations; usc goes to 2000000 in all.";
  const bytes = Buffer.from(pem.leaf);
  const labelled = (der: Buffer): Buffer =>
    Buffer.from(`-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der.toString("base64")}\n-----END ENCRYPTED PRIVATE KEY-----\n`);
  return [
    reads("the MAC of a PFX", { bytes: patched(pfx(), bomb), password }, sentence),
    reads("the MAC of a PFX, no password", { bytes: patched(pfx(), bomb) }, sentence),
    reads("the key of a PFX", { bytes: patched(pfx("-nomac", "-certpbe", "NONE"), bomb), password }, sentence),
    reads(
      "the certificates of a PFX",
      { bytes: patched(pfx("-nomac", "-keypbe", "NONE", "-certpbe", "AES-256-CBC"), bomb), password },
      sentence,
    ),
    reads("a legacy PFX", { bytes: patched(pfx("-nomac", "-legacy", "-certpbe", "PBE-SHA1-RC2-40"), bomb), password }, sentence),
    reads("a PKCS#8 key", { bytes, keyBytes: patched(key(), bomb), password }, sentence),
    reads("a PKCS#8 key in PEM", { bytes, keyBytes: labelled(patched(key(), bomb)), password }, sentence),
    reads("a 3DES key", { bytes, keyBytes: patched(key("-v1", "PBE-SHA1-3DES"), bomb), password }, sentence),
    reads("a key for no password", { bytes, keyBytes: patched(key(), bomb) }, "The private key is encrypted, and no password was given."),
    reads("no iterations", { bytes, keyBytes: patched(key(), [0, 0, 0]), password }, "The password protection is damaged or not complete."),
    reads(
      "fewer than none",
      { bytes, keyBytes: patched(key(), [0xff, 0, 0]), password },
      "The password protection is damaged or not complete.",
    ),
    reads(
      "scrypt with a gibibyte",
      { bytes, keyBytes: scrypt(key("-scrypt")), password },
      "The password protection asks for 1024 MiB of memory, which usc does not read.",
    ),
  ];
}

/** 16,384 as OpenSSL's cost of scrypt becomes 1,048,576, by a byte more in the number and in each length around it. */
function scrypt(der: Buffer): Buffer {
  const at = der.indexOf(Buffer.from([2, 2, 0x40, 0]));
  // The block size, 8, becomes 512: as good, and of the same length plus one.
  const wider = Buffer.concat([der.subarray(0, at), Buffer.from([2, 2, 0x40, 0, 2, 2, 2, 0]), der.subarray(at + 7)]);
  for (let start = 0; start < at; start++) {
    const length = wider[start + 1] ?? 0;
    // Each SEQUENCE around the number: one that begins before it and ends behind it.
    if (wider[start] === 0x30 && length < 0x7f && start + 2 + length > at) wider[start + 1] = length + 1;
    if (wider[start] === 0x30 && length === 0x81) wider[start + 2] = (wider[start + 2] ?? 0) + 1;
  }
  return wider;
}

function deep(): Refused[] {
  const damaged = "The input is damaged or not complete.";
  const indefinite = (depth: number): Buffer =>
    Buffer.concat([Buffer.alloc(2 * depth, Buffer.from([0x30, 0x80])), Buffer.alloc(2 * depth)]);
  const tags = (depth: number): Buffer => Buffer.alloc(2 * depth, Buffer.from([0xa0, 0x80]));
  return [
    ...[33, 1000, 10_000, 250_000].map((depth) => reads(`a nesting of ${depth}`, { bytes: indefinite(depth), password }, damaged)),
    ...[33, 1000, 10_000, 250_000].map((depth) =>
      reads(`a nesting of ${depth} within`, { bytes: Buffer.concat([Buffer.from([0x30, 0x80, 2, 1, 3]), tags(depth)]), password }, damaged),
    ),
  ];
}

/** Many small things within a mebibyte. */
function wide(): Refused[] {
  const tagged = (tag: number, content: Buffer): Buffer => {
    const head = Buffer.from([tag, 0x84, 0, 0, 0, 0]);
    head.writeUInt32BE(content.length, 2);
    return Buffer.concat([head, content]);
  };
  const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
  const many = (part: Buffer, count: number): Buffer => Buffer.alloc(part.length * count, part);
  const data = Buffer.from([0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1]);
  const info = (content: Buffer): Buffer => sequence(data, tagged(0xa0, tagged(4, content)));
  const pfx = (...safes: Buffer[]): Buffer => sequence(Buffer.from([2, 1, 3]), info(sequence(...safes)));
  const empty = Buffer.from([0x30, 0]);
  const damaged = "The PFX is damaged or not complete.";
  return [
    reads("half a million nothings", { bytes: sequence(many(empty, 500_000)), password }, "The input is damaged or not complete."),
    reads("half a million safes in a PFX", { bytes: pfx(many(empty, 500_000)), password }, damaged),
    reads("20,000 empty safes in a PFX", { bytes: pfx(many(info(sequence()), 20_000)), password }, damaged),
    reads("400,000 bags in a PFX", { bytes: pfx(info(sequence(many(empty, 400_000)))), password }, damaged),
    reads(
      "an identifier of 900,000 parts",
      { bytes: sequence(tagged(6, Buffer.alloc(900_000, 1))), password },
      "The input is damaged or not complete.",
    ),
  ];
}
