import type { ObjectProperties, Shelf, Vault } from "./port.ts";

/**
 * Terminology
 *   policy    how Key Vault makes a certificate's next version: key, names, issuer, form of the secret behind it
 *   issuance  a certificate in the making, from the request until an issuer has signed it: one at a time for each name
 *   merge     what completes the issuance of a certificate that was signed outside
 */
export interface CertificateProperties extends ObjectProperties {
  /** SHA-1 of the DER, 40 upper-case hex digits; absent while the first version is in the making. */
  thumbprint?: string;
}

export interface Certificate extends CertificateProperties {
  /** DER of the certificate alone: neither its chain nor its key. Absent while the first version is in the making. */
  der?: Buffer;
  /** Of the latest version only. `exportable`: whether the private key may leave the vault; `contentType`: of the secret behind the certificate. */
  policy?: { exportable?: boolean; contentType?: string; issuer?: string };
}

export const pfxType = "application/x-pkcs12";
export const pemType = "application/x-pem-file";
export type ContentType = typeof pfxType | typeof pemType;

/** What can be changed in place. What is undefined stays; `tags` replaces the whole set. */
export interface CertificateChanges {
  enabled?: boolean | undefined;
  tags?: Record<string, string> | undefined;
}

export interface CertificateImport extends CertificateChanges {
  /** PEM with key and chain, or a PFX with an empty password: `contentType` says which. */
  bytes: Buffer;
  contentType: ContentType;
  /** Upper-case hex SHA-1 of the leaf: what a version is known by when the answer is lost. */
  thumbprint: string;
}

export interface CertificateWish extends CertificateChanges {
  /** A distinguished name, e.g. `CN=www.contoso.com, O=Contoso`. */
  subject: string;
  dnsNames: readonly string[];
  validityMonths?: number | undefined;
  key: { type: "RSA"; bits: 2048 | 3072 | 4096 } | { type: "EC"; curve: "P-256" | "P-384" | "P-521" };
  /** `Self`, `Unknown` (signed outside and merged), or an issuer that the vault knows by this name. */
  issuer: string;
  contentType: ContentType;
  exportable?: boolean | undefined;
}

export interface Issuance {
  /** 32 hex digits. */
  request: string;
  status: "inProgress" | "completed" | "cancelled" | "failed";
  issuer: string;
  /** PKCS#10 in DER. */
  csr: Buffer;
  /** Why it failed, as Key Vault and its issuer say it. */
  failure?: string;
}

/** One vault's certificates, under the promises of a `Shelf`. */
export interface CertificateAdapter extends Shelf<CertificateProperties, Certificate> {
  readonly noun: "certificate";
  change(vault: Vault, name: string, version: string | undefined, changes: CertificateChanges): Promise<CertificateProperties>;
  /** A new version, key included; nothing is inherited from the one before. */
  importBundle(vault: Vault, name: string, write: CertificateImport): Promise<CertificateProperties>;
  /** Begins to make a new version. `conflict` while another is in the making. `before`: the request of the last issuance, "" for none, if it is known. */
  create(vault: Vault, name: string, wish: CertificateWish, before?: string): Promise<Issuance>;
  /** The last issuance of this name; undefined if there was none, or it was removed. */
  issuance(vault: Vault, name: string): Promise<Issuance | undefined>;
  /** Completes an issuance with what was signed outside: DER each, the leaf first. `usage` if the leaf does not belong to its key, `not_found` if nothing waits for it. */
  merge(vault: Vault, name: string, certificates: readonly Buffer[]): Promise<CertificateProperties>;
}
