import { createPrivateKey } from "node:crypto";
import { pemOf } from "./certificate.ts";
import { pemType } from "./certificate-policy.ts";
import type { CertificateVersion, Issued } from "./certificate-state.ts";
import type { Policy } from "./certificate-policy.ts";

/** The secret behind a version: the key, if it may leave the vault, and the certificates, in the form that the policy says. */
export async function withSecret(version: CertificateVersion, policy: Policy): Promise<Issued> {
  const { contentType } = policy.secret_props;
  const value = await secretValue(version, policy.key_props.exportable, contentType);
  const { id, enabled, tags, nbf, exp, created, updated } = version;
  return { version, secret: { id, value, contentType, enabled, ...(tags === undefined ? {} : { tags }), nbf, exp, created, updated } };
}

/** PEM with the private key first, or base64 of a PFX with an empty password. */
export async function secretValue(version: CertificateVersion, exportable: boolean, contentType: string): Promise<string> {
  const certificates = [version.cer, ...version.chain].map((each) => Buffer.from(each, "base64"));
  if (contentType === pemType) {
    return [exportable ? version.keyPem : "", ...certificates.map((der) => pemOf("CERTIFICATE", der))].join("");
  }
  const { writePfx } = await import("./pfx-write.ts");
  return writePfx(exportable ? createPrivateKey(version.keyPem) : undefined, certificates).toString("base64");
}
