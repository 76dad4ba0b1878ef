import { createPrivateKey, createPublicKey } from "node:crypto";
import { issueCertificate } from "./certificate.ts";
import { commonName } from "./distinguished-name.ts";
import { authorityExtensions } from "./extensions.ts";

/** A certificate authority that a vault knows by name, with the key that the local Azure signs with in its place. */
export interface Issuer {
  name: string;
  provider: string;
  accountId?: string;
  keyPem: string;
  /** DER in base64. */
  cer: string;
  created: number;
  updated: number;
}

export function authorityName(name: string): ReturnType<typeof commonName> {
  return commonName(`usc local Azure issuer ${name} - do not trust`);
}

/** Its own certificate, of the machine's time, for ten years. */
export function authorityOf(name: string, keyPem: string): string {
  const issuerKey = createPrivateKey(keyPem);
  const publicKey = createPublicKey(keyPem);
  const [subject, issuer] = [authorityName(name), authorityName(name)];
  const [from, to] = [Date.now() - 86_400_000, Date.now() + 3650 * 86_400_000];
  return issueCertificate({ subject, issuer, publicKey, issuerKey, from, to, extensions: authorityExtensions(publicKey) }).toString(
    "base64",
  );
}
