/** How the next version is made, in the spelling of the wire. */
export interface Policy {
  key_props: KeyProperties;
  secret_props: { contentType: string };
  x509_props: CertificateProperties;
  lifetime_actions: readonly unknown[];
  issuer: { name: string; cty?: string; cert_transparency?: boolean };
  attributes: { enabled: boolean; created: number; updated: number };
}

export interface KeyProperties {
  exportable: boolean;
  kty: string;
  key_size: number;
  reuse_key: boolean;
  crv?: string;
}

export interface CertificateProperties {
  subject: string;
  sans?: AlternativeNames;
  ekus: readonly string[];
  key_usage: readonly string[];
  validity_months: number;
  basic_constraints: { ca: boolean };
}

export type AlternativeNames = Partial<Record<(typeof alternativeKinds)[number], readonly string[]>>;

export const alternativeKinds = ["dns_names", "emails", "upns", "uris", "ipAddresses"] as const;
export const pfxType = "application/x-pkcs12";
export const pemType = "application/x-pem-file";

/** What the service fills in; the actions depend on the issuer, see `lifetimeActions`. */
export function defaultPolicy(now: number): Policy {
  return {
    key_props: { exportable: true, kty: "RSA", key_size: 2048, reuse_key: false },
    secret_props: { contentType: pfxType },
    x509_props: {
      subject: "",
      ekus: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
      key_usage: ["digitalSignature", "keyEncipherment"],
      validity_months: 12,
      basic_constraints: { ca: false },
    },
    lifetime_actions: [],
    issuer: { name: "Unknown" },
    attributes: { enabled: true, created: now, updated: now },
  };
}

/** Nobody can renew for an issuer that is not there. That of `Self` is recorded. */
export function lifetimeActions(issuer: string): readonly unknown[] {
  return [{ trigger: { lifetime_percentage: 80 }, action: { action_type: issuer === "Unknown" ? "EmailContacts" : "AutoRenew" } }];
}
