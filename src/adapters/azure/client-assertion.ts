import { constants, createHash, createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { boundedFile } from "./bounded-file.ts";
import type { CertificateSource, OfApplication } from "./credential.ts";
import { asserted, type Prover } from "./token.ts";

type OfCertificate = Extract<OfApplication, { type: "certificate" }>;

// Entra takes an assertion for as long as it says; there is no need for longer than a slow way to it.
const lifeSeconds = 600;
// A clock that runs ahead of Entra's must not make it "not yet valid".
const earlySeconds = 60;

/** Signs what says "I am this application" with the certificate's key. The key itself goes nowhere. */
export async function certificateProver({ client, certificate, chain }: OfCertificate): Promise<Prover> {
  const pem = await pemOf(certificate);
  const ders = certificatesIn(pem).map((each) => each.raw);
  const key = createPrivateKey(pem);
  const thumbprint = createHash("sha256")
    .update(ders[0] ?? "")
    .digest("base64url");
  const header = { alg: "PS256", typ: "JWT", "x5t#S256": thumbprint, ...(chain ? { x5c: ders.map((der) => der.toString("base64")) } : {}) };
  return async (tokenEndpoint, now) => {
    const at = Math.floor(now / 1000);
    const claims = {
      aud: tokenEndpoint,
      iss: client,
      sub: client,
      jti: randomUUID(),
      nbf: at - earlySeconds,
      iat: at,
      exp: at + lifeSeconds,
    };
    const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const how = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return asserted(`${signed}.${sign("sha256", Buffer.from(signed), how).toString("base64url")}`);
  };
}

/** Until when the certificate is good, in epoch milliseconds. */
export async function certificateEnd(source: CertificateSource): Promise<number | undefined> {
  return certificatesIn(await pemOf(source))[0]?.validToDate.getTime();
}

async function pemOf(source: CertificateSource): Promise<string> {
  if ("pem" in source) return source.pem;
  const bytes = boundedFile("The file of AZURE_CLIENT_CERTIFICATE_PATH", source.path, 1024 * 1024);
  const { clientCertificateReader } = await import("./client-certificate.ts");
  const { x509 } = await import("../x509/index.ts");
  return clientCertificateReader(x509)(bytes, source.password);
}

const certificatesIn = (pem: string): X509Certificate[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(([block]) => new X509Certificate(block));
