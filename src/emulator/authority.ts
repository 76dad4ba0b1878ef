import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate, type KeyObject } from "node:crypto";
import { issueCertificate, keyPemOf, pemOf } from "./certificate.ts";
import { commonName } from "./distinguished-name.ts";
import { constrainedAuthorityExtensions, serverExtensions } from "./extensions.ts";

/** A certificate with its key. The authority's key must not leave this process, or the 0600 file of the data folder. */
export interface Authority {
  certificatePem: string;
  keyPem: string;
}

export type TlsIdentity = Authority;

const day = 86_400_000;
const authorityName = commonName("usc local Azure - do not trust");
const serverName = commonName("usc local Azure server - do not trust");

const playedNames: readonly string[] = [
  "localhost",
  "vault.localhost",
  "*.vault.localhost",
  "login.localhost",
  "management.localhost",
  "graph.localhost",
  "*.vault.azure.net",
  "login.microsoftonline.com",
  "management.azure.com",
  "graph.microsoft.com",
];

export function createAuthority(): Authority {
  const { privateKey, publicKey } = newKey();
  const now = Date.now();
  const certificate = issueCertificate({
    subject: authorityName,
    publicKey,
    issuer: authorityName,
    issuerKey: privateKey,
    from: now - day,
    to: now + 365 * day,
    extensions: constrainedAuthorityExtensions(publicKey),
  });
  return { certificatePem: pemOf("CERTIFICATE", certificate), keyPem: keyPemOf(privateKey) };
}

/** A server certificate for the names that the local Azure plays, valid for six days. */
export function issueLeaf(authority: Authority, wish: { now?: number; names?: readonly string[] } = {}): TlsIdentity {
  const { now = Date.now(), names = playedNames } = wish;
  const { privateKey, publicKey } = newKey();
  const issuerKey = createPrivateKey(authority.keyPem);
  const certificate = issueCertificate({
    subject: serverName,
    publicKey,
    issuer: authorityName,
    issuerKey,
    from: now - day / 24,
    to: now + 6 * day,
    extensions: serverExtensions(publicKey, createPublicKey(issuerKey), names),
  });
  return { certificatePem: pemOf("CERTIFICATE", certificate), keyPem: keyPemOf(privateKey) };
}

/** Whether a stored authority may serve again: it must outlive its leaf by far. */
export function isFresh(authority: Authority): boolean {
  return Date.parse(new X509Certificate(authority.certificatePem).validTo) > Date.now() + 30 * day;
}

function newKey(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}
