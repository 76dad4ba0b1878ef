import { CertificateClient, type CertificatePolicy } from "@azure/keyvault-certificates";
import type { CertificateProperties, CertificateWish, Issuance } from "../../features/objects/certificate-port.ts";
import type { Vault } from "../../features/objects/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { CertificateOperation, CertificateRow } from "./certificate-answers.ts";
import { certificates, getIssuance, inTheWay, isNoIssuance } from "./certificates.ts";
import { refusal } from "./errors.ts";
import { lookedUp, orAbsent } from "./looked-up.ts";
import { answered, getObject } from "./read.ts";
import { throughSdk } from "./sdk.ts";
import type { Session } from "./session.ts";

/** Begins an issuance. After a lost answer, one that is under way is this one: Key Vault allows no second. */
export function createCertificate(session: Session, vault: Vault, name: string, wish: CertificateWish, known?: string): Promise<Issuance> {
  let before = known;
  return lookedUp(
    session,
    vault,
    async () => {
      before ??= (await getIssuance(session, vault, name))?.request ?? "";
      const effect = `whether the making of the certificate ${name} has begun`;
      const { key, subject, issuer, contentType, validityMonths, exportable, enabled, tags } = wish;
      const [first, ...others] = wish.dnsNames;
      const policy: CertificatePolicy = {
        subject,
        issuerName: issuer,
        contentType,
        ...(first === undefined ? {} : { subjectAlternativeNames: { dnsNames: [first, ...others] } }),
        ...(key.type === "RSA" ? { keyType: key.type, keySize: key.bits } : { keyType: key.type, keyCurveName: key.curve }),
        ...present({ validityInMonths: validityMonths, exportable }),
      };
      const use = (client: CertificateClient) => client.beginCreateCertificate(name, policy, present({ enabled, tags }));
      const reply = await throughSdk(session, vault, effect, CertificateClient, use);
      if (reply.status === 409) throw await inTheWay(session, vault, name, reply);
      if (reply.status !== 202) throw refusal(reply, vault, name, "certificate");
      return answered(CertificateOperation, reply, vault);
    },
    async () => {
      const found = await getIssuance(session, vault, name);
      return found === undefined || found.request === before ? undefined : found;
    },
  );
}

/** A request is completed once, and the leaf fits no other: what is merged twice is refused, and what is there already is known by it. */
export function mergeCertificate(session: Session, vault: Vault, name: string, signed: readonly Buffer[]): Promise<CertificateProperties> {
  return lookedUp(
    session,
    vault,
    async () => {
      const effect = `whether the certificate ${name} was merged`;
      const use = (client: CertificateClient) => client.mergeCertificate(name, [...signed]);
      const reply = await throughSdk(session, vault, effect, CertificateClient, use);
      if (reply.status === 201) return answered(CertificateRow, reply, vault);
      if (isNoIssuance(reply)) {
        throw new UscError("not_found", `There is no request of the certificate ${name} that waits for its signature in ${vault.url}.`, {
          hint: "`usc create --object-type certificate --subject CN=... --csr-file PATH` makes one.",
        });
      }
      throw refusal(reply, vault, name, "certificate");
    },
    async () => {
      const latest = await getObject(session, vault, certificates, name).catch(orAbsent);
      return latest?.der !== undefined && signed[0]?.equals(latest.der) === true ? latest : undefined;
    },
  );
}
