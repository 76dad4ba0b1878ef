import { CertificateClient } from "@azure/keyvault-certificates";
import type { CertificateChanges, CertificateImport, CertificateProperties } from "../../features/objects/certificate-port.ts";
import type { Deleted, Purge, Recovery, Vault } from "../../features/objects/port.ts";
import { present } from "../../kernel/present.ts";
import { CertificateRow } from "./certificate-answers.ts";
import { certificates, inTheWay } from "./certificates.ts";
import { refusal } from "./errors.ts";
import { findVersion, lookedUp, orAbsent, sameTags, skewMs } from "./looked-up.ts";
import { answered, getObject } from "./read.ts";
import { deleteObject, purgeObject, recoverObject, type Removal } from "./removal.ts";
import { throughSdk } from "./sdk.ts";
import type { Session } from "./session.ts";
import type { Reply } from "./transport.ts";

const removal: Removal<CertificateClient> = {
  client: CertificateClient,
  delete: (client, name) => client.beginDeleteCertificate(name),
  purge: (client, name) => client.purgeDeletedCertificate(name),
};

export const deleteCertificate = (session: Session, vault: Vault, name: string): Promise<Deleted<CertificateProperties>> =>
  deleteObject(session, vault, certificates, removal, name);

export const purgeCertificate = (session: Session, vault: Vault, name: string): Promise<Purge> =>
  purgeObject(session, vault, certificates, removal, name);

export const recoverCertificate = (session: Session, vault: Vault, name: string): Promise<Recovery> =>
  recoverObject(session, vault, certificates, name);

export function changeCertificate(
  session: Session,
  vault: Vault,
  name: string,
  version: string | undefined,
  changes: CertificateChanges,
): Promise<CertificateProperties> {
  return lookedUp(
    session,
    vault,
    async () => {
      const effect = `whether the attributes of ${name} were changed`;
      const reply = await throughSdk(session, vault, effect, CertificateClient, (client) =>
        client.updateCertificateProperties(name, version ?? "", present(changes)),
      );
      return row(reply, vault, name);
    },
    async () => {
      const found = await findVersion(session, vault, certificates, name, version);
      return found !== undefined && agrees(found, changes) ? found : undefined;
    },
  );
}

/** The SDK (4.10.3) sends neither the policy nor `enabled`, and without a policy Key Vault does not know PEM from PFX: they go in below it. */
export function importCertificate(session: Session, vault: Vault, name: string, write: CertificateImport): Promise<CertificateProperties> {
  const { bytes, contentType, enabled, tags, thumbprint } = write;
  const amendment = { policy: { secret_props: { contentType } }, ...(enabled === undefined ? {} : { attributes: { enabled } }) };
  return newVersion(
    session,
    vault,
    name,
    async () => {
      const effect = `whether the certificate ${name} was imported`;
      const use = (client: CertificateClient) => client.importCertificate(name, bytes, present({ tags }));
      const reply = await throughSdk(session, vault, effect, CertificateClient, use, amendment);
      if (reply.status === 409) throw await inTheWay(session, vault, name, reply);
      return row(reply, vault, name);
    },
    (latest) => latest.thumbprint === thumbprint && agrees(latest, { enabled: enabled ?? true, tags: tags ?? {} }),
  );
}

/** Writes a version; when the answer is lost, the newest one of about that time is asked whether it is that. */
function newVersion(
  session: Session,
  vault: Vault,
  name: string,
  write: () => Promise<CertificateProperties>,
  isIt: (latest: CertificateProperties) => boolean,
): Promise<CertificateProperties> {
  const begun = Math.floor(session.clock.now() / 1000) * 1000;
  return lookedUp(session, vault, write, async () => {
    const latest = await getObject(session, vault, certificates, name).catch(orAbsent);
    if (latest?.created === undefined) return undefined;
    if (latest.created >= begun - skewMs && isIt(latest)) return latest;
    // Somebody has written since: ours may lie below theirs, and must not be put on top of it.
    return latest.created > begun ? "unclear" : undefined;
  });
}

function row(reply: Reply, vault: Vault, name: string): CertificateProperties {
  if (reply.status !== 200) throw refusal(reply, vault, name, "certificate");
  return answered(CertificateRow, reply, vault);
}

const agrees = (found: CertificateProperties, { enabled, tags }: CertificateChanges): boolean =>
  (enabled === undefined || enabled === found.enabled) && (tags === undefined || sameTags(tags, found.tags));
