/**
 * Terminology
 *   leaf    the certificate that the private key belongs to
 *   chain   the certificates that vouch for the leaf, the nearest first; none for a self-signed leaf
 *   bundle  leaf, chain and private key
 */
export interface Certificates {
  /** DER. */
  leaf: Buffer;
  /** DER each. */
  chain: readonly Buffer[];
}

export interface Bundle extends Certificates {
  /** PKCS#8 in DER, not encrypted. Whoever asked for it fills it with 0 after use. */
  key: Buffer;
}

/** What a user gave, each as it stands in a file or in base64: PEM text, a PFX, or one DER certificate or key. At most 1 MiB each. */
export interface BundleInput {
  bytes: Uint8Array;
  /** The private key, when it stands in a file of its own. */
  keyBytes?: Uint8Array | undefined;
  chainBytes?: Uint8Array | undefined;
  /** Of the PFX or of the key. Undefined: none was given; a PFX without a password and one with an empty one both open without. */
  password?: string | undefined;
}

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** As Key Vault's policies spell it: the common name first, `S=` and not `ST=`, values with special characters in quotes. */
  subject: string;
  issuer: string;
  /** Epoch milliseconds. */
  notBefore: number;
  notAfter: number;
  /** SHA-1 of the DER, 40 upper-case hex digits. */
  thumbprint: string;
  /** Upper-case hex digits. */
  serialNumber: string;
  /** `size` in bits; `curve` as Key Vault names it, e.g. `P-256`. A key of another kind has its own name as `type`, e.g. `Ed25519`. */
  key: { type: string; size?: number; curve?: string };
  names: AlternativeNames;
}

/** The subject's alternative names, by kind. */
export interface AlternativeNames {
  dns: string[];
  emails: string[];
  /** Microsoft's user principal names. */
  upns: string[];
  uris: string[];
  ips: string[];
}

/**
 * The one room that knows X.509. What is wrong with an input is `usage`, each with a sentence of its own, found without any request; no sentence holds a
 * key, a password or a byte of either. Work is bounded: 1 MiB, 100 PEM blocks, 100 certificates, 2,000,000 iterations of key derivation in all, nesting of 32.
 */
export interface X509 {
  /**
   * Finds key, leaf and chain in PEM (PKCS#1, SEC1, PKCS#8, also encrypted), PFX (AES, 3DES, RC2) or DER. `usage`: no key, no certificate, password needed
   * or wrong, a key that belongs to no certificate, damaged, too large, an algorithm that cannot be read. It does not judge dates or the chain:
   * what a vault holds must come out as well when it has expired. Certificates outside the chain come last.
   */
  readBundle(input: BundleInput): Promise<Bundle>;
  /** Certificates alone, e.g. a CA's answer to a request: the one that vouches for no other first. Keys among them are passed over. */
  readCertificates(bytes: Uint8Array): Promise<Certificates>;
  /** What Key Vault would refuse, or take and never serve well: expired, not yet valid, a certificate outside the chain, a key of a kind or size it does not take. `now` in epoch ms. */
  checkForImport(bundle: Bundle, now: number): void;
  /** Leaf, chain, and the key last as PKCS#8 where there is one. Lines end in `\n`. */
  writePem(parts: Certificates & { key?: Buffer | undefined }): Buffer;
  /** PBES2 with AES-256 and a SHA-256 MAC, as OpenSSL 3 writes it; the password may be empty. */
  writePfx(bundle: Bundle, password: string): Promise<Buffer>;
  describe(certificate: Uint8Array): Promise<CertificateFacts>;
}
