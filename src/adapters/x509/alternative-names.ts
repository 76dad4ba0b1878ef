import {
  Certificate,
  DirectoryString,
  id_ce_subjectAltName,
  SubjectAlternativeName,
  type GeneralName,
  type OtherName,
} from "@peculiar/asn1-x509";
import type { AlternativeNames } from "../../features/objects/x509-port.ts";
import { octetsOf, parse } from "./shapes.ts";

/** Microsoft's id-ms-san-upn. */
const userPrincipalName = "1.3.6.1.4.1.311.20.2.3";

/** RFC 5280, 4.2.1.6. Node gives these names as one line of text, in which a name can pretend to be two; so they are read from the DER. */
export function alternativeNames(der: Uint8Array): AlternativeNames {
  const extensions = parse(der, Certificate)?.tbsCertificate.extensions ?? [];
  const held = extensions.find(({ extnID }) => extnID === id_ce_subjectAltName);
  // The library's lists make more of their own kind when they are mapped.
  const names: readonly GeneralName[] = [...((held && parse(octetsOf(held.extnValue), SubjectAlternativeName)) ?? [])];
  const all = (pick: (name: GeneralName) => string | undefined): string[] => names.map(pick).filter((name) => name !== undefined);
  return {
    dns: all((name) => name.dNSName),
    emails: all((name) => name.rfc822Name),
    upns: all((name) => upnOf(name.otherName)),
    uris: all((name) => name.uniformResourceIdentifier),
    ips: all((name) => name.iPAddress),
  };
}

function upnOf(name: OtherName | undefined): string | undefined {
  return name?.typeId === userPrincipalName ? parse(name.value, DirectoryString)?.utf8String : undefined;
}
