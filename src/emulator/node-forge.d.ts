/** What the local Azure uses of node-forge, which brings no types: bytes in "binary" strings, a character each. */
declare module "node-forge" {
  /** Any ASN.1 value, as the library keeps it. */
  export interface Asn1 {
    readonly type: number;
    readonly value: string | readonly Asn1[];
  }

  interface Bytes {
    getBytes(): string;
  }

  export interface Bag {
    /** Null for what the library knows not, which then stands in `asn1`. */
    key?: object | null;
    cert?: object | null;
    asn1?: Asn1;
  }

  const forge: {
    asn1: { fromDer(der: string): Asn1; toDer(value: Asn1): Bytes };
    pkcs12: {
      /** Throws when the password is wrong. */
      pkcs12FromAsn1(value: Asn1, strict: boolean, password: string | undefined): { safeContents: { safeBags: Bag[] }[] };
      /** RFC 7292, appendix B. `use`: 1 is a key, 2 an IV, 3 a key for a MAC. */
      generateKey(password: string, salt: Bytes, use: 1 | 2 | 3, iterations: number, length: number): Bytes;
    };
    pki: {
      privateKeyToAsn1(key: object): Asn1;
      certificateToAsn1(certificate: object): Asn1;
      /** Takes anything, not keys alone. */
      encryptPrivateKeyInfo(value: Asn1, password: string, options: { algorithm: "3des"; count: number; saltSize: number }): Asn1;
    };
    util: { createBuffer(bytes: string): Bytes };
  };
  export default forge;
}
