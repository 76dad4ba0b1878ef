import { AsnConvert, AsnUtf8StringConverter } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  DirectoryString,
  ExtendedKeyUsage,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  OtherName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  type Certificate,
  type Extension,
} from "@peculiar/asn1-x509";
import type { KeyObject } from "node:crypto";
import { alternativeKinds, type AlternativeNames, type CertificateProperties } from "./certificate-policy.ts";
import { extension, keyIdentifier } from "./extensions.ts";

/** What a policy says of a certificate, as X.509 extensions, and back. */
const usages: Readonly<Record<string, number>> = {
  digitalSignature: KeyUsageFlags.digitalSignature,
  nonRepudiation: KeyUsageFlags.nonRepudiation,
  keyEncipherment: KeyUsageFlags.keyEncipherment,
  dataEncipherment: KeyUsageFlags.dataEncipherment,
  keyAgreement: KeyUsageFlags.keyAgreement,
  keyCertSign: KeyUsageFlags.keyCertSign,
  cRLSign: KeyUsageFlags.cRLSign,
  encipherOnly: KeyUsageFlags.encipherOnly,
  decipherOnly: KeyUsageFlags.decipherOnly,
};

/** The Microsoft user principal name, an "other name". */
const upnId = "1.3.6.1.4.1.311.20.2.3";

type Kind = (typeof alternativeKinds)[number];

const toName: Readonly<Record<Kind, (text: string) => GeneralName>> = {
  dns_names: (dNSName) => new GeneralName({ dNSName }),
  emails: (rfc822Name) => new GeneralName({ rfc822Name }),
  upns: (upn) => new GeneralName({ otherName: new OtherName({ typeId: upnId, value: AsnUtf8StringConverter.toASN(upn).toBER() }) }),
  uris: (uniformResourceIdentifier) => new GeneralName({ uniformResourceIdentifier }),
  ipAddresses: (iPAddress) => new GeneralName({ iPAddress }),
};

const fromName: Readonly<Record<Kind, (name: GeneralName) => string | undefined>> = {
  dns_names: (name) => name.dNSName,
  emails: (name) => name.rfc822Name,
  upns: ({ otherName }) => (otherName?.typeId === upnId ? utf8Of(otherName.value) : undefined),
  uris: (name) => name.uniformResourceIdentifier,
  ipAddresses: (name) => name.iPAddress,
};

/** DirectoryString is the choice that holds a UTF8String. */
function utf8Of(value: ArrayBuffer): string {
  return AsnConvert.parse(value, DirectoryString).toString();
}

/** What a request asks for, and a certificate then has. */
export function wishedExtensions(wish: CertificateProperties): Extension[] {
  const flags = wish.key_usage.reduce((sum, usage) => sum | (usages[usage] ?? 0), 0);
  const names = alternativeKinds.flatMap((kind) => (wish.sans?.[kind] ?? []).map(toName[kind]));
  return [
    ...(flags === 0 ? [] : [extension(id_ce_keyUsage, "critical", new KeyUsage(flags))]),
    ...(wish.ekus.length === 0 ? [] : [extension(id_ce_extKeyUsage, "plain", new ExtendedKeyUsage([...wish.ekus]))]),
    ...(names.length === 0 ? [] : [extension(id_ce_subjectAltName, "plain", new SubjectAlternativeName(names))]),
    extension(id_ce_basicConstraints, "critical", new BasicConstraints({ cA: wish.basic_constraints.ca })),
  ];
}

export function keyExtensions(subject: KeyObject, issuer: KeyObject): Extension[] {
  const authority = new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyIdentifier(issuer)) });
  return [
    extension(id_ce_subjectKeyIdentifier, "plain", new SubjectKeyIdentifier(keyIdentifier(subject))),
    extension(id_ce_authorityKeyIdentifier, "plain", authority),
  ];
}

/** As the service reads them out of a certificate that is imported: sorted usages, and all five kinds of names or none. */
export function foundExtensions({
  tbsCertificate,
}: Certificate): Pick<CertificateProperties, "sans" | "ekus" | "key_usage" | "basic_constraints"> {
  const parsed = <T>(id: string, shape: new () => T): T | undefined => {
    const found = [...(tbsCertificate.extensions ?? [])].find(({ extnID }) => extnID === id);
    return found === undefined ? undefined : AsnConvert.parse(found.extnValue, shape);
  };
  const flags = parsed(id_ce_keyUsage, KeyUsage)?.toNumber() ?? 0;
  const names = parsed(id_ce_subjectAltName, SubjectAlternativeName);
  return {
    ...(names === undefined ? {} : { sans: alternativeNames([...names]) }),
    ekus: [...(parsed(id_ce_extKeyUsage, ExtendedKeyUsage) ?? [])],
    key_usage: Object.keys(usages)
      .filter((usage) => (flags & (usages[usage] ?? 0)) !== 0)
      .toSorted(),
    basic_constraints: { ca: parsed(id_ce_basicConstraints, BasicConstraints)?.cA ?? false },
  };
}

function alternativeNames(names: readonly GeneralName[]): AlternativeNames {
  return Object.fromEntries(alternativeKinds.map((kind) => [kind, names.flatMap((name) => fromName[kind](name) ?? [])]));
}
