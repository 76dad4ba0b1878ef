import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  Extensions,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
  type Extension,
} from "@peculiar/asn1-x509";
import { randomBytes, sign, type KeyObject } from "node:crypto";

/** What a certificate says of its subject, and who vouches for it. Names are common names; times are epoch milliseconds. */
export interface CertificateWish {
  subject: string;
  publicKey: KeyObject;
  issuer: string;
  /** An EC key: the signature is ECDSA with SHA-256. */
  issuerKey: KeyObject;
  from: number;
  to: number;
  extensions: readonly Extension[];
}

const commonNameId = "2.5.4.3";
const ecdsaWithSha256 = new AlgorithmIdentifier({ algorithm: "1.2.840.10045.4.3.2" });

/** A certificate of version 3, as PEM. */
export function issueCertificate(wish: CertificateWish): string {
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: serialNumber(),
    signature: ecdsaWithSha256,
    issuer: commonName(wish.issuer),
    validity: new Validity({ notBefore: new Date(wish.from), notAfter: new Date(wish.to) }),
    subject: commonName(wish.subject),
    subjectPublicKeyInfo: AsnConvert.parse(wish.publicKey.export({ type: "spki", format: "der" }), SubjectPublicKeyInfo),
    extensions: new Extensions([...wish.extensions]),
  });
  const signatureValue = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), wish.issuerKey);
  const der = AsnConvert.serialize(
    new Certificate({ tbsCertificate, signatureAlgorithm: ecdsaWithSha256, signatureValue: bytes(signatureValue) }),
  );
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function commonName(name: string): Name {
  const value = new AttributeValue({ utf8String: name });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonNameId, value })])]);
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
