import { createHash } from "node:crypto";
import { opensslFolder, p256 } from "../emulator/openssl.ts";

// Registered once for the file that imports this: inside a running test it would be too late.
const openssl = opensslFolder();
const made = new Map<string, TestCertificate>();

export interface TestCertificate {
  /** Key and certificate. */
  pem: string;
  /** Of the certificate alone. */
  der: Buffer;
  thumbprint: string;
}

/** Self-signed by OpenSSL for CN=`name`, with an EC key: an RSA key takes its time. The same one for the same name. */
export function certificateFor(name: string): TestCertificate {
  const known = made.get(name);
  if (known !== undefined) return known;
  const { key, certificate, der } = openssl.pair(name, `/CN=${name}`, ...p256);
  const fresh = { pem: `${key}${certificate}`, der, thumbprint: createHash("sha1").update(der).digest("hex").toUpperCase() };
  made.set(name, fresh);
  return fresh;
}

/** Whose name it was made for, if it was made here. */
export const nameOfThumbprint = (thumbprint: string): string | undefined =>
  [...made].find(([, certificate]) => certificate.thumbprint === thumbprint)?.[0];

/** What an outside CA makes of a request (PKCS#10 in DER, or PEM): PEM and DER of the certificate. */
export function signedOutside(request: Buffer | string): { pem: string; der: Buffer } {
  certificateFor("outside-ca");
  openssl.write("request", request);
  const form = typeof request === "string" ? "PEM" : "DER";
  const by = ["-CA", "outside-ca.crt", "-CAkey", "outside-ca.key", "-CAcreateserial", "-days", "30"];
  openssl.run("x509", "-req", "-in", "request", "-inform", form, ...by, "-out", "signed.crt");
  openssl.run("x509", "-in", "signed.crt", "-outform", "der", "-out", "signed.der");
  return { pem: openssl.read("signed.crt").toString(), der: openssl.read("signed.der") };
}
