import { AsnConvert } from "@peculiar/asn1-schema";
import { Attributes, CertificationRequest, CertificationRequestInfo } from "@peculiar/asn1-csr";
import { Attribute, Extensions, type Name } from "@peculiar/asn1-x509";
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { issueCertificate, publicKeyInfo, signatureWith } from "./certificate.ts";
import { authorityName, type Issuer } from "./certificate-issuers.ts";
import { keyExtensions, wishedExtensions } from "./certificate-extensions.ts";
import type { CertificateProperties, KeyProperties } from "./certificate-policy.ts";
import { parseName } from "./distinguished-name.ts";
import { vaultErrors } from "./vault-errors.ts";

const extensionRequestId = "1.2.840.113549.1.9.14";
const nodeCurves: Readonly<Record<string, string>> = { "P-256K": "secp256k1" };

/** On another thread: a large RSA key takes a second. */
export async function newKey({ kty, key_size: size, crv = "P-256" }: KeyProperties): Promise<KeyObject> {
  const generate = promisify(generateKeyPair);
  const pair = kty.startsWith("RSA")
    ? await generate("rsa", { modulusLength: size })
    : await generate("ec", { namedCurve: nodeCurves[crv] ?? crv });
  return pair.privateKey;
}

function subjectOf({ subject }: CertificateProperties): Name {
  const name = parseName(subject);
  if (name === undefined) throw vaultErrors.badParameter("Property subject has invalid value\r\n");
  return name;
}

/** PKCS#10. */
export function makeRequest(key: KeyObject, wish: CertificateProperties): Buffer {
  const { algorithm, signed } = signatureWith(key);
  const extensions = AsnConvert.serialize(new Extensions(wishedExtensions(wish)));
  const certificationRequestInfo = new CertificationRequestInfo({
    subject: subjectOf(wish),
    subjectPKInfo: publicKeyInfo(createPublicKey(key)),
    attributes: new Attributes([new Attribute({ type: extensionRequestId, values: [extensions] })]),
  });
  const signature = signed(AsnConvert.serialize(certificationRequestInfo));
  return Buffer.from(
    AsnConvert.serialize(new CertificationRequest({ certificationRequestInfo, signatureAlgorithm: algorithm, signature })),
  );
}

/** By the issuer, or without one by the service itself, as issuer `Self`: dated back by ten minutes. */
export function signCertificate(key: KeyObject, wish: CertificateProperties, now: number, by: Issuer | undefined): Buffer {
  const name = subjectOf(wish);
  const publicKey = createPublicKey(key);
  const issuerKey = by === undefined ? key : createPrivateKey(by.keyPem);
  const second = Math.floor(now / 1000) * 1000;
  const to = new Date(second);
  to.setUTCMonth(to.getUTCMonth() + wish.validity_months);
  return issueCertificate({
    subject: name,
    publicKey,
    issuer: by === undefined ? name : authorityName(by.name),
    issuerKey,
    from: second - 600_000,
    to: to.getTime(),
    extensions: [...wishedExtensions(wish), ...keyExtensions(publicKey, createPublicKey(issuerKey))],
  });
}
