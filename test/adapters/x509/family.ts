import type { Openssl } from "./openssl.ts";

/** The key algorithms that Key Vault takes for certificates, as `openssl genpkey` names them. */
export const algorithms = {
  "RSA 2048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  "RSA 3072": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
  "RSA 4096": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
  "EC P-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  "EC P-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
  "EC P-521": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
} as const satisfies Record<string, readonly string[]>;

/** A leaf under an intermediate under a root. Its files: `leaf.key`, `leaf.pem`, `intermediate.pem`, `root.pem`. */
export interface Family {
  openssl: Openssl;
  kind: "RSA" | "EC";
  /** As OpenSSL writes them. */
  pem: { key: string; leaf: string; intermediate: string; root: string };
  /** PKCS#8, and the certificates. */
  der: { key: Buffer; leaf: Buffer; intermediate: Buffer; root: Buffer };
}

export function family(openssl: Openssl, algorithm: readonly string[]): Family {
  authority(openssl, "root", []);
  authority(openssl, "intermediate", ["-CA", "root.pem", "-CAkey", "root.key"]);
  leaf(openssl, "leaf", algorithm, ["-CA", "intermediate.pem", "-CAkey", "intermediate.key"]);
  const text = (name: string): string => openssl.bytes(name).toString();
  const der = (name: string): Buffer => openssl(["x509", "-in", `${name}.pem`, "-outform", "DER"]);
  return {
    openssl,
    kind: algorithm.includes("RSA") ? "RSA" : "EC",
    pem: { key: text("leaf.key"), leaf: text("leaf.pem"), intermediate: text("intermediate.pem"), root: text("root.pem") },
    der: {
      key: openssl(["pkcs8", "-topk8", "-nocrypt", "-in", "leaf.key", "-outform", "DER"]),
      leaf: der("leaf"),
      intermediate: der("intermediate"),
      root: der("root"),
    },
  };
}

function authority(openssl: Openssl, name: string, signer: readonly string[]): void {
  openssl(["genpkey", ...algorithms["EC P-256"], "-out", `${name}.key`]);
  openssl(["req", "-x509", "-new", "-key", `${name}.key`, "-subj", `/CN=${name}`, "-days", "30", "-out", `${name}.pem`, ...signer]);
}

/** `NAME.key` and `NAME.pem`, valid for 30 days; self-signed without a signer. */
export function leaf(openssl: Openssl, name: string, algorithm: readonly string[], signer: readonly string[] = []): void {
  openssl(["genpkey", ...algorithm, "-out", `${name}.key`]);
  const wish = ["-subj", `/CN=${name}`, "-days", "30", "-addext", "basicConstraints=critical,CA:FALSE"];
  openssl(["req", "-x509", "-new", "-key", `${name}.key`, ...wish, ...signer, "-out", `${name}.pem`]);
}
