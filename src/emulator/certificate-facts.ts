import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import { createHash, X509Certificate, type KeyObject } from "node:crypto";
import { foundExtensions } from "./certificate-extensions.ts";
import type { CertificateProperties, KeyProperties } from "./certificate-policy.ts";
import { epochSeconds } from "./clock.ts";
import { formatName } from "./distinguished-name.ts";

/** What a certificate says of itself. */
export interface Facts {
  publicKey: KeyObject;
  nbf: number;
  exp: number;
  x509: CertificateProperties;
  key: KeyProperties;
}

/** Undefined for what is no certificate, or has a key of a kind that the service does not take. */
export function readFacts(der: Buffer): Facts | undefined {
  try {
    const { publicKey, validFromDate, validToDate } = new X509Certificate(der);
    const certificate = AsnConvert.parse(der, Certificate);
    const key = keyProperties(publicKey);
    if (key === undefined) return undefined;
    return {
      publicKey,
      nbf: epochSeconds(validFromDate.getTime()),
      exp: epochSeconds(validToDate.getTime()),
      x509: {
        subject: formatName(certificate.tbsCertificate.subject),
        ...foundExtensions(certificate),
        validity_months: monthsBetween(validFromDate, validToDate),
      },
      key,
    };
  } catch {
    return undefined;
  }
}

export function thumbprint(cer: string): string {
  return createHash("sha1").update(Buffer.from(cer, "base64")).digest("base64url");
}

const curves: Readonly<Record<string, { crv: string; key_size: number }>> = {
  prime256v1: { crv: "P-256", key_size: 256 },
  secp384r1: { crv: "P-384", key_size: 384 },
  secp521r1: { crv: "P-521", key_size: 521 },
  secp256k1: { crv: "P-256K", key_size: 256 },
};

function keyProperties({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyProperties | undefined {
  const shared = { exportable: true, reuse_key: false };
  if (asymmetricKeyType === "rsa") return { ...shared, kty: "RSA", key_size: asymmetricKeyDetails?.modulusLength ?? 0 };
  const curve = curves[asymmetricKeyDetails?.namedCurve ?? ""];
  return asymmetricKeyType === "ec" && curve !== undefined ? { ...shared, kty: "EC", ...curve } : undefined;
}

function monthsBetween(from: Date, to: Date): number {
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return Math.max(1, to.getUTCDate() > from.getUTCDate() ? months + 1 : months);
}
