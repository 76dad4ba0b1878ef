import type { CertificateAdapter } from "./certificate-port.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { ObjectAdapter, OpenVault, ReadReference } from "./port.ts";
import type { X509 } from "./x509-port.ts";

/** What the verbs of this room are made with. */
export interface Deps extends Lifecycle {
  /** The vault's secrets. */
  adapter: ObjectAdapter;
  /** On demand, as the next: secrets have no use for them. */
  certificates: () => Promise<CertificateAdapter>;
  x509: () => Promise<X509>;
  openVault: OpenVault;
  readReference: ReadReference;
}
