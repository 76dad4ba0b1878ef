import type { Certificate, CertificateAdapter, CertificateProperties } from "../../features/objects/certificate-port.ts";
import type { Vault } from "../../features/objects/port.ts";
import { isCode, UscError } from "../../kernel/errors.ts";
import {
  CertificateBundle,
  CertificateOperation,
  CertificateRow,
  CertificatesPage,
  DeletedCertificate,
  DeletedCertificatesPage,
} from "./certificate-answers.ts";
import { refusal, refusalCodes } from "./errors.ts";
import { answered, getDeleted, getObject, listDeleted, listPages, listVersions, secrets, serviceVersion, type Wire } from "./read.ts";
import { call, type Session } from "./session.ts";
import type { Reply } from "./transport.ts";

export const certificates: Wire<CertificateProperties, Certificate> = {
  noun: "certificate",
  path: "/certificates",
  deletedPath: "/deletedcertificates",
  absent: "CertificateNotFound",
  Row: CertificateRow,
  Whole: CertificateBundle,
  Deleted: DeletedCertificate,
  Page: CertificatesPage,
  DeletedPage: DeletedCertificatesPage,
  unseen: (bare) => bare,
};

/** Key Vault's certificates behind the port. */
export function certificatesOf(session: Session): CertificateAdapter {
  const writes = () => import("./certificate-writes.ts");
  const issuing = () => import("./certificate-issuing.ts");
  const told = <T>(vault: Vault, asked: Promise<T>): Promise<T> => asked.catch((error: unknown) => tellRole(session, vault, error));
  async function* toldRows<T>(vault: Vault, pages: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* pages;
    } catch (error) {
      await tellRole(session, vault, error);
    }
  }
  return {
    noun: "certificate",
    pages: (vault, wanted) => toldRows(vault, listPages(session, vault, certificates, wanted)),
    versions: (vault, name) => toldRows(vault, listVersions(session, vault, certificates, name)),
    deletedPages: (vault, wanted) => toldRows(vault, listDeleted(session, vault, certificates, wanted)),
    get: (vault, name, version) => told(vault, getObject(session, vault, certificates, name, version)),
    deleted: (vault, name) => told(vault, getDeleted(session, vault, certificates, name)),
    issuance: (vault, name) => told(vault, getIssuance(session, vault, name)),
    delete: async (vault, name) => told(vault, (await writes()).removal.delete(session, vault, name)),
    recover: async (vault, name) => told(vault, (await writes()).removal.recover(session, vault, name)),
    purge: async (vault, name) => told(vault, (await writes()).removal.purge(session, vault, name)),
    change: async (vault, name, version, changes) =>
      told(vault, (await writes()).changeCertificate(session, vault, name, version, changes)),
    importBundle: async (vault, name, write) => told(vault, (await writes()).importCertificate(session, vault, name, write)),
    create: async (vault, name, wish, before) => told(vault, (await issuing()).createCertificate(session, vault, name, wish, before)),
    merge: async (vault, name, signed) => told(vault, (await issuing()).mergeCertificate(session, vault, name, signed)),
  };
}

/** Roles for secrets and for certificates are two; who has only the first is told so. */
async function tellRole(session: Session, vault: Vault, error: unknown): Promise<never> {
  if (!isCode(error, "forbidden") || error.details.reason === "disabled" || !(await mayListSecrets(session, vault))) throw error;
  throw new UscError(
    "forbidden",
    `${error.message} It may list the secrets there: what is missing is the role for certificates.`,
    error.details,
  );
}

async function mayListSecrets(session: Session, vault: Vault): Promise<boolean> {
  try {
    for await (const _ of listPages(session, vault, secrets, { size: 1 })) return true;
  } catch (error) {
    if (!(error instanceof UscError)) throw error;
  }
  return false;
}

/** The last issuance of this name, if there is one. */
export async function getIssuance(session: Session, vault: Vault, name: string) {
  const path = `/certificates/${name}/pending?api-version=${serviceVersion}`;
  const reply = await call(session, vault, { method: "GET", path });
  if (reply.status === 200) return answered(CertificateOperation, reply, vault);
  if (isNoIssuance(reply)) return undefined;
  throw refusal(reply, vault, name, "certificate");
}

export const isNoIssuance = (reply: Reply): boolean => reply.status === 404 && refusalCodes(reply).code === "PendingCertificateNotFound";

/** With one code Key Vault refuses what has to wait for an issuance, and what a secret that belongs to no certificate has the name of. */
export async function inTheWay(session: Session, vault: Vault, name: string, reply: Reply): Promise<UscError> {
  const refused = refusal(reply, vault, name, "certificate");
  if (refused.details.reason !== "making") return refused;
  const isFree = await getIssuance(session, vault, name).then(
    (found) => found === undefined,
    () => false,
  );
  if (!isFree) return refused;
  return new UscError("conflict", `The name ${name} is held by something that is no certificate.`, {
    hint: `\`usc list --usc-name ${vault.connector.name} --search ${name}\` shows whether a secret stands in the way.`,
    requestId: refused.details.requestId,
  });
}
