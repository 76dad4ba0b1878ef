import { hash, pbkdf2Sync, scryptSync } from "node:crypto";
import type { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { spend, type Budget } from "./budget.ts";
import { refusal } from "./refusals.ts";
import { octetsOf, parse, Pbkdf2Parameters, ScryptParameters } from "./shapes.ts";

/** HMAC by object identifier (RFC 8018, B.1). */
export const hmacs: Record<string, string> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.8": "sha224",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};

const pbkdf2 = "1.2.840.113549.1.5.12";
const scrypt = "1.3.6.1.4.1.11591.4.11";
const mebibyte = 1_048_576;
// OpenSSL's `-scrypt` takes 16.
const scryptMemory = 64 * mebibyte;

/** The key of PBES2 or PBMAC1 (RFC 8018, RFC 7914): `length` bytes, unless the parameters say how many. */
export function derive(algorithm: AlgorithmIdentifier, password: string, length: number | undefined, budget: Budget): Buffer {
  if (algorithm.algorithm === pbkdf2) return byPbkdf2(parse(algorithm.parameters, Pbkdf2Parameters), password, length, budget);
  if (algorithm.algorithm === scrypt) return byScrypt(parse(algorithm.parameters, ScryptParameters), password, length, budget);
  throw refusal("unreadable", `The password protection uses ${algorithm.algorithm}`);
}

function byPbkdf2(parameters: Pbkdf2Parameters | undefined, password: string, length: number | undefined, budget: Budget): Buffer {
  if (!parameters) throw refusal("damaged", "The password protection");
  const digest = hmacs[parameters.prf.algorithm];
  if (digest === undefined) throw refusal("unreadable", `The password protection uses ${parameters.prf.algorithm}`);
  const iterations = spend(budget, parameters.iterations);
  return pbkdf2Sync(password, octetsOf(parameters.salt), iterations, keyLength(parameters.keyLength, length), digest);
}

function byScrypt(parameters: ScryptParameters | undefined, password: string, length: number | undefined, budget: Budget): Buffer {
  if (!parameters) throw refusal("damaged", "The password protection");
  const [N, r, p] = [Number(parameters.cost), Number(parameters.blockSize), Number(parameters.parallelization)];
  const memory = 128 * N * r;
  if (!(memory <= scryptMemory))
    throw refusal("unreadable", `The password protection asks for ${Math.ceil(memory / mebibyte)} MiB of memory`);
  spend(budget, N * r * p);
  try {
    return scryptSync(password, octetsOf(parameters.salt), keyLength(parameters.keyLength, length), { N, r, p, maxmem: 2 * scryptMemory });
  } catch {
    // E.g. a cost that is no power of two.
    throw refusal("damaged", "The password protection");
  }
}

/** PBKDF1 (RFC 8018, 5.1): 8 bytes of key and 8 of IV. */
export function pbkdf1(digest: "md5" | "sha1", password: string, salt: Buffer, iterations: number): Buffer {
  let digested = hash(digest, Buffer.concat([Buffer.from(password), salt]), "buffer");
  for (let round = 1; round < iterations; round++) digested = hash(digest, digested, "buffer");
  return digested.subarray(0, 16);
}

/** What a cipher needs goes before what the parameters say; for a MAC only they know (64 bytes at most are used). */
function keyLength(said: number | string | undefined, needed: number | undefined): number {
  const length = needed ?? Number(said);
  if (!(length >= 1 && length <= 64)) throw refusal("damaged", "The password protection");
  return length;
}
