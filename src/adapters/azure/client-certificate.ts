import type { X509 } from "../../features/objects/x509-port.ts";
import type { ReadClientCertificate } from "../../features/targets/port.ts";
import { UscError } from "../../kernel/errors.ts";

/** Entra takes the signature of an RSA key; with another the first login would say no more than that the assertion is malformed. */
export const clientCertificateReader =
  (x509: X509): ReadClientCertificate =>
  async (bytes, password) => {
    const bundle = await x509.readBundle({ bytes, password });
    try {
      const { key } = await x509.describe(bundle.leaf);
      if (!key.type.startsWith("RSA") || (key.size ?? 0) < 2048) {
        const kind = key.size === undefined ? key.type : `${key.type} with ${key.size} bits`;
        throw new UscError("usage", `The client certificate's key is ${kind}; Entra takes RSA keys of 2048 bits or more.`, {
          hint: "Make the application another certificate, with an RSA key.",
        });
      }
      return x509.writePem(bundle).toString("utf8");
    } finally {
      bundle.key.fill(0);
    }
  };
