import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  Extension,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  NameConstraints,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";
import { createHash, type KeyObject } from "node:crypto";
import { bytes } from "./certificate.ts";

/** The X.509 extensions (RFC 5280, 4.2) of the local authority and of its servers. */
export function constrainedAuthorityExtensions(publicKey: KeyObject): readonly Extension[] {
  return [...authorityExtensions(publicKey), extension(id_ce_nameConstraints, "critical", nameConstraints())];
}

/** Of an authority for any name. */
export function authorityExtensions(publicKey: KeyObject): readonly Extension[] {
  return [
    extension(id_ce_basicConstraints, "critical", new BasicConstraints({ cA: true, pathLenConstraint: 0 })),
    extension(id_ce_keyUsage, "critical", new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign)),
    extension(id_ce_subjectKeyIdentifier, "plain", new SubjectKeyIdentifier(keyIdentifier(publicKey))),
  ];
}

export function serverExtensions(publicKey: KeyObject, authorityKey: KeyObject, names: readonly string[]): readonly Extension[] {
  const authority = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(authorityKey)) });
  const shown = [...names.map(dnsName), addressName("127.0.0.1"), addressName("::1")];
  return [
    extension(id_ce_basicConstraints, "critical", new BasicConstraints()),
    extension(id_ce_keyUsage, "critical", new KeyUsage(KeyUsageFlags.digitalSignature)),
    extension(id_ce_extKeyUsage, "plain", new ExtendedKeyUsage([id_kp_serverAuth])),
    extension(id_ce_subjectKeyIdentifier, "plain", new SubjectKeyIdentifier(keyIdentifier(publicKey))),
    extension(id_ce_authorityKeyIdentifier, "plain", authority),
    extension(id_ce_subjectAltName, "plain", new SubjectAlternativeName(shown)),
  ];
}

/** Where certificates of this authority may be valid at all: loopback, and the Azure names it plays. */
function nameConstraints(): NameConstraints {
  const names = ["localhost", "vault.azure.net", "login.microsoftonline.com", "graph.microsoft.com", "management.azure.com"];
  const permitted = [...names.map(dnsName), addressName("127.0.0.0/8"), addressName("::1/128")];
  return new NameConstraints({ permittedSubtrees: new GeneralSubtrees(permitted.map((base) => new GeneralSubtree({ base }))) });
}

function dnsName(dNSName: string): GeneralName {
  return new GeneralName({ dNSName });
}

function addressName(iPAddress: string): GeneralName {
  return new GeneralName({ iPAddress });
}

export function extension(extnID: string, weight: "critical" | "plain", value: object): Extension {
  return new Extension({ extnID, critical: weight === "critical", extnValue: new OctetString(AsnConvert.serialize(value)) });
}

export function keyIdentifier(publicKey: KeyObject): ArrayBuffer {
  return bytes(
    createHash("sha1")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest(),
  );
}
