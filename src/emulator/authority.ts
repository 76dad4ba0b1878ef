import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from "node:crypto";
import { bits, element, integer, oid, sequence, tagged, time, utf8 } from "./der.ts";
import { authorityExtensions, serverExtensions } from "./extensions.ts";

/** A certificate with its key. The authority's key must not leave this process, or the 0600 file of the data folder. */
export interface Authority {
  certificatePem: string;
  keyPem: string;
}

export type TlsIdentity = Authority;

const day = 86_400_000;
const authorityName = "usc local Azure - do not trust";
const serverName = "usc local Azure server - do not trust";
const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));

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
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const signed = { issuer: authorityName, key: privateKey };
  const now = Date.now();
  const certificatePem = certificate(signed, authorityName, spki, { from: now - day, to: now + 365 * day }, authorityExtensions(spki));
  return { certificatePem, keyPem: pemOf(privateKey) };
}

/** A server certificate for the names that the local Azure plays, valid for six days. */
export function issueLeaf(authority: Authority, wish: { now?: number; names?: readonly string[] } = {}): TlsIdentity {
  const { now = Date.now(), names = playedNames } = wish;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ type: "spki", format: "der" });
  const signed = { issuer: authorityName, key: createPrivateKey(authority.keyPem) };
  const authoritySpki = createPublicKey(signed.key).export({ type: "spki", format: "der" });
  const extensions = serverExtensions(spki, authoritySpki, names);
  const valid = { from: now - day / 24, to: now + 6 * day };
  return { certificatePem: certificate(signed, serverName, spki, valid, extensions), keyPem: pemOf(privateKey) };
}

/** Whether a stored authority may serve again: it must outlive its leaf by far. */
export function isFresh(authority: Authority): boolean {
  return Date.parse(new X509Certificate(authority.certificatePem).validTo) > Date.now() + 30 * day;
}

function certificate(
  signed: { issuer: string; key: KeyObject },
  subject: string,
  spki: Buffer,
  valid: { from: number; to: number },
  extensions: Buffer,
): string {
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    ecdsaWithSha256,
    commonName(signed.issuer),
    sequence(time(new Date(valid.from)), time(new Date(valid.to))),
    commonName(subject),
    spki,
    extensions,
  );
  const der = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, signed.key)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function commonName(name: string): Buffer {
  return sequence(element(0x31, sequence(oid("2.5.4.3"), utf8(name))));
}

// The first bit is 0 and the second 1: a positive number of fixed length.
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
