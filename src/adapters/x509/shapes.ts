import { AsnConvert, AsnProp, AsnPropTypes, AsnType, AsnTypeTypes, OctetString } from "@peculiar/asn1-schema";
import { EncryptedContentInfo } from "@peculiar/asn1-cms";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { limits } from "./refusals.ts";

/** Text where it is beyond 32 bits: so the library gives it. */
type Integer = number | string;

/**
 * The structures of password-based encryption (RFC 8018 appendix A, RFC 7292 appendix C, RFC 7914 7.1, RFC 5652 8), which the library's packages leave
 * out. They are declared, and the library reads and writes them; its decorators are called as functions, since Node strips types and no decorators.
 */
export class PbeParameters {
  salt = new OctetString();
  iterations: Integer = 0;
}

export class Pbkdf2Parameters {
  salt = new OctetString();
  iterations: Integer = 0;
  keyLength?: Integer;
  /** RFC 8018: HMAC with SHA-1 where nothing is said. */
  prf = new AlgorithmIdentifier({ algorithm: "1.2.840.113549.2.7" });
}

export class ScryptParameters {
  salt = new OctetString();
  cost: Integer = 0;
  blockSize: Integer = 0;
  parallelization: Integer = 0;
  keyLength?: Integer;
}

/** PBES2, and PBMAC1 (RFC 9579) with it: a derivation, and what is done with its key. */
export class Pbes2Parameters {
  derivation = new AlgorithmIdentifier();
  scheme = new AlgorithmIdentifier();
}

export class EncryptedData {
  version = 0;
  encryptedContentInfo = new EncryptedContentInfo();
}

/** An OCTET STRING that BER may have cut in pieces, as Java and NSS do; the library's own class sees the first form alone. */
export class Octets extends OctetString {
  override fromASN(asn: Parameters<OctetString["fromASN"]>[0]): this {
    super.fromASN(asn);
    this.buffer = asn.getValue();
    return this;
  }
}

type Shape = new () => object;
type Field = Parameters<typeof AsnProp>[0];

function declare(shape: Shape, fields: Record<string, Field>): void {
  AsnType({ type: AsnTypeTypes.Sequence })(shape);
  for (const [name, field] of Object.entries(fields)) AsnProp(field)(shape.prototype, name);
}

const octets: Field = { type: OctetString };
const integer: Field = { type: AsnPropTypes.Integer };
const optionalInteger: Field = { type: AsnPropTypes.Integer, optional: true };
const algorithm: Field = { type: AlgorithmIdentifier };

declare(PbeParameters, { salt: octets, iterations: integer });
declare(Pbkdf2Parameters, {
  salt: octets,
  iterations: integer,
  keyLength: optionalInteger,
  prf: { type: AlgorithmIdentifier, defaultValue: new Pbkdf2Parameters().prf },
});
declare(ScryptParameters, { salt: octets, cost: integer, blockSize: integer, parallelization: integer, keyLength: optionalInteger });
declare(Pbes2Parameters, { derivation: algorithm, scheme: algorithm });
declare(EncryptedData, { version: integer, encryptedContentInfo: { type: EncryptedContentInfo } });

// Enough for a hundred certificates in the clear; an input of 1 MiB could hold half a million, and each costs microseconds.
const maxNodes = 20_000;

/** DER or BER into a shape, or undefined where it is something else. The bounds are the library's own: it stops before it descends. */
export function parse<T>(bytes: Uint8Array | ArrayBuffer | null | undefined, shape: new () => T): T | undefined {
  if (!bytes) return undefined;
  try {
    return AsnConvert.parse(bytes, shape, { berOptions: { maxDepth: limits.depth, maxNodes, maxContentLength: limits.bytes } });
  } catch {
    // The library's errors may quote what they could not read.
    return undefined;
  }
}

export const serialize = (value: object): Buffer => Buffer.from(AsnConvert.serialize(value));

/** The bytes of an OCTET STRING of the library's, without a copy. */
export const octetsOf = (value: OctetString): Buffer => Buffer.from(value.buffer);
