import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  Certificate,
  Extensions,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  type Extension,
  type Name,
} from "@peculiar/asn1-x509";
import { randomBytes, sign, type KeyObject } from "node:crypto";

/** What a certificate says of its subject, and who vouches for it. Times are epoch milliseconds. */
export interface CertificateWish {
  subject: Name;
  publicKey: KeyObject;
  issuer: Name;
  issuerKey: KeyObject;
  from: number;
  to: number;
  extensions: readonly Extension[];
}

/** A certificate of version 3, as DER. */
export function issueCertificate(wish: CertificateWish): Buffer {
  const { algorithm, signed } = signatureWith(wish.issuerKey);
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: algorithm,
    issuer: wish.issuer,
    validity: new Validity({ notBefore: new Date(wish.from), notAfter: new Date(wish.to) }),
    subject: wish.subject,
    subjectPublicKeyInfo: publicKeyInfo(wish.publicKey),
    extensions: new Extensions([...wish.extensions]),
  });
  const signatureValue = signed(AsnConvert.serialize(tbsCertificate));
  return Buffer.from(AsnConvert.serialize(new Certificate({ tbsCertificate, signatureAlgorithm: algorithm, signatureValue })));
}

/** RSA with SHA-256, and ECDSA with the digest that fits the curve. */
export function signatureWith(key: KeyObject): { algorithm: AlgorithmIdentifier; signed(content: ArrayBuffer): ArrayBuffer } {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const [id, digest] =
    key.asymmetricKeyType === "rsa"
      ? ["1.2.840.113549.1.1.11", "sha256"]
      : curve === "secp384r1"
        ? ["1.2.840.10045.4.3.3", "sha384"]
        : curve === "secp521r1"
          ? ["1.2.840.10045.4.3.4", "sha512"]
          : ["1.2.840.10045.4.3.2", "sha256"];
  const algorithm = new AlgorithmIdentifier({ algorithm: id, ...(key.asymmetricKeyType === "rsa" ? { parameters: null } : {}) });
  return { algorithm, signed: (content) => bytes(sign(digest, Buffer.from(content), key)) };
}

export function publicKeyInfo(publicKey: KeyObject): SubjectPublicKeyInfo {
  return AsnConvert.parse(publicKey.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo);
}

/** `equals` of Node leaves OpenSSL's error queue full when the keys are of different kinds, and the next TLS connection pays for it. */
export function isSameKey(left: KeyObject, right: KeyObject): boolean {
  const [one, other] = [left, right].map((key) => key.export({ type: "spki", format: "der" }));
  return one !== undefined && other !== undefined && Buffer.from(one).equals(Buffer.from(other));
}

export function keyPemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

export function pemOf(label: "CERTIFICATE" | "CERTIFICATE REQUEST", der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

// The first bit is 0 and the second 1: a positive number of fixed length.
function serialNumber(): ArrayBuffer {
  const number = randomBytes(16);
  number[0] = ((number[0] ?? 0) & 0x3f) | 0x40;
  return bytes(number);
}

/** The library takes ArrayBuffers, and a Buffer of Node's is often a window on a larger one. */
export function bytes(buffer: Uint8Array): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}
