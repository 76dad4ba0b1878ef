import { CertificateClient } from "@azure/keyvault-certificates";
import type { CertificateChanges, CertificateImport, CertificateProperties } from "../../features/objects/certificate-port.ts";
import type { Vault } from "../../features/objects/port.ts";
import { present } from "../../kernel/present.ts";
import { CertificateRow } from "./certificate-answers.ts";
import { certificates, inTheWay } from "./certificates.ts";
import { refusal } from "./errors.ts";
import { agrees, changedVersion, newVersion } from "./looked-up.ts";
import { answered } from "./read.ts";
import { removalOf } from "./removal.ts";
import { throughSdk } from "./sdk.ts";
import type { Session } from "./session.ts";
import type { Reply } from "./transport.ts";

export const removal = removalOf(certificates, {
  client: CertificateClient,
  delete: (client, name) => client.beginDeleteCertificate(name),
  purge: (client, name) => client.purgeDeletedCertificate(name),
});

export const changeCertificate = (
  session: Session,
  vault: Vault,
  name: string,
  version: string | undefined,
  changes: CertificateChanges,
): Promise<CertificateProperties> =>
  changedVersion(session, vault, certificates, name, version, changes, async () => {
    const effect = `whether the attributes of ${name} were changed`;
    const use = (client: CertificateClient) => client.updateCertificateProperties(name, version ?? "", present(changes));
    return row(await throughSdk(session, vault, effect, CertificateClient, use), vault, name);
  });

/** The SDK (4.10.3) sends neither the policy nor `enabled`, and without a policy Key Vault does not know PEM from PFX: they go in below it. */
export function importCertificate(session: Session, vault: Vault, name: string, write: CertificateImport): Promise<CertificateProperties> {
  const { bytes, contentType, enabled, tags, thumbprint } = write;
  const amendment = { policy: { secret_props: { contentType } }, ...(enabled === undefined ? {} : { attributes: { enabled } }) };
  return newVersion(
    session,
    vault,
    certificates,
    name,
    async () => {
      const effect = `whether the certificate ${name} was imported`;
      const use = (client: CertificateClient) => client.importCertificate(name, bytes, present({ tags }));
      const reply = await throughSdk(session, vault, effect, CertificateClient, use, amendment);
      if (reply.status === 409) throw await inTheWay(session, vault, name, reply);
      return row(reply, vault, name);
    },
    (latest) => (latest.thumbprint === thumbprint && agrees(latest, { enabled: enabled ?? true, tags: tags ?? {} }) ? latest : undefined),
  );
}

function row(reply: Reply, vault: Vault, name: string): CertificateProperties {
  if (reply.status !== 200) throw refusal(reply, vault, name, "certificate");
  return answered(CertificateRow, reply, vault);
}
