import type { KeyObject } from "node:crypto";
import type { CertificateFacts } from "../../features/objects/x509-port.ts";

/** OpenSSL's names and Key Vault's (JWK's, and `P-256K` for the last), with the size in bits. */
const curves: Record<string, { curve: string; size: number }> = {
  prime256v1: { curve: "P-256", size: 256 },
  secp384r1: { curve: "P-384", size: 384 },
  secp521r1: { curve: "P-521", size: 521 },
  secp256k1: { curve: "P-256K", size: 256 },
};

const kinds: Record<string, string> = {
  rsa: "RSA",
  "rsa-pss": "RSA-PSS",
  ec: "EC",
  dsa: "DSA",
  dh: "DH",
  ed25519: "Ed25519",
  ed448: "Ed448",
  x25519: "X25519",
  x448: "X448",
};

export function keyFacts(key: KeyObject): CertificateFacts["key"] {
  const kind = key.asymmetricKeyType ?? "unknown";
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  return {
    type: kinds[kind] ?? kind,
    ...(modulusLength === undefined ? {} : { size: modulusLength }),
    ...(namedCurve === undefined ? {} : (curves[namedCurve] ?? { curve: namedCurve })),
  };
}
