import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import { isSameKey } from "./certificate.ts";
import { pemType, pfxType } from "./certificate-policy.ts";
import { vaultErrors } from "./vault-errors.ts";

/** A key with its certificate, and what came with it. All DER. */
export interface KeyAndCertificates {
  key: KeyObject;
  leaf: Buffer;
  chain: readonly Buffer[];
}

const bad = vaultErrors.badParameter;
const maxValue = 25_600;

/**
 * What the policy says the value is. Where it says nothing a PFX is expected, but PEM in base64 is known for what it is: az 2.91 sends
 * it so, without any policy. PEM as text without a word in the policy is refused.
 */
export function contentTypeOf(value: unknown, said: string | undefined): string {
  if (said !== undefined) return said;
  const isPem = typeof value === "string" && Buffer.from(value.slice(0, 64), "base64").toString("latin1").startsWith("-----BEGIN ");
  return isPem ? pemType : pfxType;
}

export async function readImport(value: unknown, password: unknown, contentType: string): Promise<KeyAndCertificates> {
  const isPem = contentType === pemType;
  if (typeof value !== "string" || value === "") throw bad(isPem ? unreadablePem : "Pkcs12 value is invalid.");
  if (value.length > maxValue * (isPem ? 2 : 1)) throw bad("value is too long.");
  const passphrase = typeof password === "string" ? password : "";
  const { keys, certificates } = isPem ? readPem(value, passphrase) : await readPkcs12(value, passphrase);
  for (const key of keys) {
    const publicKey = createPublicKey(key);
    const leaf = certificates.find((der) => isSameKey(new X509Certificate(der).publicKey, publicKey));
    if (leaf !== undefined) return { key, leaf, chain: certificates.filter((der) => der !== leaf) };
  }
  throw bad(keys.length === 0 ? withoutKey : mismatch);
}

export const mismatch =
  "The public key of the end-entity certificate in the specified X.509 certificate content does not match the public part of the specified private key. Please check if certificate is valid.";

/** From reports: azure-cli#19017, azure-rest-api-specs#11361, damienbod/AspNetCoreCertificates#38 and ms-identity-python-daemon#21. */
const unexpectedPem =
  "The specified PEM X.509 certificate content is in an unexpected format. Please check if certificate is in valid PEM format.";
const unreadablePem =
  "The specified PEM X.509 certificate content can not be read. Please check if certificate is in valid PEM format. Accepted formats: PEM content or Base64 encoded PEM content.";
const unreadablePfx =
  "The specified PKCS#12 X.509 certificate content can not be read. Please check if certificate is in valid PKCS#12 format.";
const withoutKey =
  "Private key is not specified in the specified X.509 PEM certificate content. Please specify private key in the X.509 PEM certificate content.";

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----\n[^-]+-----END \1-----/g;

function readPem(value: string, passphrase: string): { keys: KeyObject[]; certificates: Buffer[] } {
  const text = value.includes("-----BEGIN ") ? value : Buffer.from(value, "base64").toString("latin1");
  if (!text.includes("-----BEGIN ")) throw bad(unreadablePem);
  // Windows line ends are no line ends to the service (azure-rest-api-specs#11361).
  if (text.includes("\r")) throw bad(unexpectedPem);
  const keys: KeyObject[] = [];
  const certificates: Buffer[] = [];
  for (const [pem, label = ""] of text.matchAll(pemBlock)) {
    try {
      if (label === "CERTIFICATE") certificates.push(new X509Certificate(pem).raw);
      if (label.endsWith("PRIVATE KEY")) keys.push(createPrivateKey({ key: pem, passphrase }));
    } catch {
      throw bad(unexpectedPem);
    }
  }
  if (certificates.length === 0) throw bad(unexpectedPem);
  return { keys, certificates };
}

async function readPkcs12(value: string, passphrase: string): Promise<{ keys: KeyObject[]; certificates: Buffer[] }> {
  if (!/^[0-9A-Za-z+/\s]+={0,2}\s*$/.test(value)) throw bad("Format of Pkcs12 value is invalid.");
  // Loaded here: most local Azures never see a PFX, and reading one takes a large library.
  const { readPfx } = await import("./pfx-read.ts");
  const found = readPfx(Buffer.from(value, "base64"), passphrase);
  if (found === undefined || found.certificates.length === 0) throw bad(unreadablePfx);
  return found;
}
