import type { Policy } from "./certificate-policy.ts";
import * as lifecycle from "./lifecycle.ts";
import { certificateErrors } from "./object-errors.ts";
import { secretsOf, type Secret, type SecretVersion, type VaultState } from "./vault-state.ts";
import { VaultFailure } from "./vault-errors.ts";

/**
 * Terminology.
 * Certificate: all versions under one name, and the policy that the next one follows. Backing secret: the secret of the same name
 * and versions; it holds the key, and lives and dies with the certificate. Pending: the last request for a version that was not imported.
 */
export interface Certificate extends lifecycle.Mortal {
  /** Oldest first. Empty while the first is pending. */
  versions: CertificateVersion[];
  policy: Policy;
  pending?: Pending;
}

export interface CertificateVersion {
  id: string;
  /** DER in base64, as are the certificates of the chain, which stand in the backing secret alone. */
  cer: string;
  chain: readonly string[];
  /** PKCS#8 PEM. */
  keyPem: string;
  enabled: boolean;
  tags?: Record<string, string>;
  nbf: number;
  exp: number;
  created: number;
  updated: number;
}

export interface Pending {
  requestId: string;
  issuer: string;
  csr: string;
  status: "inProgress" | "completed" | "cancelled";
  cancellationRequested: boolean;
  /** When the issuer, or the cancellation, is through. Undefined while it waits for a merge. */
  until?: number;
  /** What a merge completes. */
  version: Pick<CertificateVersion, "id" | "keyPem" | "enabled" | "tags" | "created" | "updated">;
  /** What the issuer will have signed. */
  signed?: Issued;
}

/** A version that is ready, with its backing secret. */
export interface Issued {
  version: CertificateVersion;
  secret: SecretVersion;
}

export function certificatesOf(vault: VaultState): lifecycle.Kin<Certificate> {
  return { all: vault.certificates, errors: certificateErrors };
}

/** The certificate as it stands at `now`: issuers come to an end by themselves. */
export function findCertificate(vault: VaultState, name: string, now: number): Certificate | undefined {
  const certificate = lifecycle.find(certificatesOf(vault), name, now);
  if (certificate !== undefined) settle(vault, certificate, now);
  return certificate;
}

export function certificatesIn(vault: VaultState, phase: "live" | "deleted", now: number): Certificate[] {
  const found = lifecycle.among(certificatesOf(vault), phase, now);
  for (const certificate of found) settle(vault, certificate, now);
  return found;
}

export function liveCertificate(vault: VaultState, name: string, now: number, shown = name): Certificate {
  const certificate = findCertificate(vault, name, now);
  if (certificate?.phase.is !== "live") throw certificateErrors.notFound(shown);
  return certificate;
}

export function versionIn(certificate: Certificate, id: string): CertificateVersion {
  const version = id === "" ? certificate.versions.at(-1) : certificate.versions.find((candidate) => candidate.id === id.toLowerCase());
  if (version === undefined) throw certificateErrors.notFound(id === "" ? certificate.name : `${certificate.name}/${id}`);
  return version;
}

function settle(vault: VaultState, certificate: Certificate, now: number): void {
  const { pending } = certificate;
  if (pending?.status !== "inProgress" || pending.until === undefined || now < pending.until) return;
  if (pending.cancellationRequested) pending.status = "cancelled";
  else if (pending.signed !== undefined) complete(vault, certificate, pending.signed);
}

/** The version becomes the latest. */
export function complete(vault: VaultState, certificate: Certificate, issued: Issued): void {
  adopt(vault, certificate, issued);
  if (certificate.pending === undefined) return;
  certificate.pending.status = "completed";
  delete certificate.pending.signed;
}

export function adopt(vault: VaultState, certificate: Certificate, { version, secret }: Issued): void {
  certificate.versions.push(version);
  const key = certificate.name.toLowerCase();
  const backing: Secret = vault.secrets.get(key) ?? { name: certificate.name, versions: [], phase: { is: "live" }, managed: true };
  backing.versions.push(secret);
  vault.secrets.set(key, backing);
}

/** Throws for a name that a new version cannot have now. Undefined: nobody has it. */
export function writableCertificate(vault: VaultState, name: string, now: number): Certificate | undefined {
  const certificate = lifecycle.writable(certificatesOf(vault), name, now);
  if (certificate === undefined && lifecycle.writable(secretsOf(vault), name, now) !== undefined) throw nameTaken(name);
  if (certificate !== undefined) settle(vault, certificate, now);
  if (certificate?.pending?.status === "inProgress") throw stillPending();
  return certificate;
}

export function addCertificate(vault: VaultState, name: string, policy: Policy): Certificate {
  const certificate: Certificate = { name, policy, versions: [], phase: { is: "live" } };
  vault.certificates.set(name.toLowerCase(), certificate);
  return certificate;
}

/** What happens to a certificate happens to its backing secret. */
export function withBacking(vault: VaultState, certificate: Certificate): Certificate {
  const secret = vault.secrets.get(certificate.name.toLowerCase());
  if (secret?.managed !== true) return certificate;
  const { phase, deletedDate, scheduledPurgeDate } = certificate;
  secret.phase = { ...phase };
  if (deletedDate !== undefined) secret.deletedDate = deletedDate;
  if (scheduledPurgeDate !== undefined) secret.scheduledPurgeDate = scheduledPurgeDate;
  return certificate;
}

function stillPending(): VaultFailure {
  return new VaultFailure(
    409,
    "Conflict",
    "A new key vault certificate can not be created or imported while a pending key vault certificate's status is inProgress.",
  );
}

/** The words are a guess: no record of this collision was found. */
function nameTaken(name: string): VaultFailure {
  return new VaultFailure(409, "Conflict", `A secret with name ${name} already exists and is not managed by a certificate.`);
}
