import { sign, verify, type KeyObject } from "node:crypto";

/**
 * Whether the private half of a key is the one of its public half. A key file names both, OpenSSL compares the public one alone with a certificate, and
 * a file without a seal may have been damaged.
 */
export function isWhole(key: KeyObject, publicKey: KeyObject): boolean {
  return key.asymmetricKeyType === "rsa" ? isConsistent(key) : signs(key, publicKey);
}

function signs(key: KeyObject, publicKey: KeyObject): boolean {
  const digest = key.asymmetricKeyType?.startsWith("ed") ? null : "sha256";
  const proof = Buffer.from("usc");
  try {
    return verify(digest, proof, publicKey, sign(digest, proof, key));
  } catch {
    return false;
  }
}

/**
 * RFC 8017, 3.2: the numbers of an RSA key belong together. A signature would not tell: where some are wrong OpenSSL makes it with the others, and the
 * next program does not.
 */
function isConsistent(key: KeyObject): boolean {
  const jwk = key.export({ format: "jwk" });
  const number = (text = ""): bigint => BigInt(`0x0${Buffer.from(text, "base64url").toString("hex")}`);
  const [n, e, d, p, q] = [number(jwk.n), number(jwk.e), number(jwk.d), number(jwk.p), number(jwk.q)];
  if (p < 2n || q < 2n || p * q !== n) return false;
  return (
    (d * e) % (p - 1n) === 1n &&
    (d * e) % (q - 1n) === 1n &&
    number(jwk.dp) === d % (p - 1n) &&
    number(jwk.dq) === d % (q - 1n) &&
    (number(jwk.qi) * q) % p === 1n
  );
}
