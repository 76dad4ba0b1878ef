import type { KeyObject, X509Certificate } from "node:crypto";
import type { CertificateFacts } from "../../features/objects/x509-port.ts";
import { certificateOf } from "./input.ts";
import { keyFacts } from "./key-facts.ts";
import { distinguishedName } from "./names.ts";
import { refusal } from "./refusals.ts";

/** See the port. */
export async function describe(der: Uint8Array): Promise<CertificateFacts> {
  const certificate = certificateOf(der);
  if (!certificate) throw refusal("notCertificate");
  const key = publicKeyOf(certificate);
  return {
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
    thumbprint: certificate.fingerprint.replaceAll(":", ""),
    serialNumber: certificate.serialNumber,
    key: key ? keyFacts(key) : { type: "unknown" },
    names: await namesOf(certificate),
  };
}

async function namesOf(certificate: X509Certificate): Promise<CertificateFacts["names"]> {
  if (certificate.subjectAltName === undefined) return { dns: [], emails: [], upns: [], uris: [], ips: [] };
  const { alternativeNames } = await import("./alternative-names.ts");
  return alternativeNames(certificate.raw);
}

/** Undefined: of a kind that Node does not know. */
function publicKeyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}
