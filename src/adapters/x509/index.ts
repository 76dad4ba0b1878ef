import type { X509 } from "../../features/objects/x509-port.ts";
import { checkForImport } from "./check.ts";
import { describe } from "./describe.ts";
import { pem } from "./pem.ts";
import { readBundle, readCertificates } from "./read.ts";

/** X.509 by `node:crypto`; the libraries for PKCS#12 and encrypted keys load when an input needs them. */
export const x509: X509 = {
  readBundle,
  readCertificates,
  checkForImport,
  writePem({ leaf, chain, key }) {
    const certificates = [leaf, ...chain].map((each) => pem("CERTIFICATE", each));
    return Buffer.from([...certificates, ...(key ? [pem("PRIVATE KEY", key)] : [])].join(""));
  },
  async writePfx(bundle, password) {
    const { writePfx } = await import("./pfx-write.ts");
    return writePfx(bundle, password);
  },
  describe,
};
