import { createDecipheriv } from "node:crypto";
import { OctetString } from "@peculiar/asn1-schema";
import type { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import { spend, type Budget } from "./budget.ts";
import { derive, pbkdf1 } from "./derivation.ts";
import { pkcs12Key } from "./pkcs12-key.ts";
import { openRc2 } from "./rc2.ts";
import { refusal } from "./refusals.ts";
import { octetsOf, parse, Pbes2Parameters, PbeParameters } from "./shapes.ts";

/** A password as PKCS#12 knows it: null is none at all, which it tells from an empty one. */
export type Password = string | null;

interface Cipher {
  /** Node's name; `des` and `rc2` it has not. */
  name: string;
  /** Bytes. */
  key: number;
}

/** PBES1 of PKCS#12 (RFC 7292, appendix C): SHA-1 and its own derivation. */
const pkcs12Ciphers: Record<string, Cipher> = {
  "1.2.840.113549.1.12.1.3": { name: "des-ede3-cbc", key: 24 },
  "1.2.840.113549.1.12.1.4": { name: "des-ede-cbc", key: 16 },
  "1.2.840.113549.1.12.1.5": { name: "rc2", key: 16 },
  "1.2.840.113549.1.12.1.6": { name: "rc2", key: 5 },
};

/** PBES1 of PKCS#5 (RFC 8018, A.3). */
const pkcs5Ciphers: Record<string, { digest: "md5" | "sha1"; name: string }> = {
  "1.2.840.113549.1.5.3": { digest: "md5", name: "des" },
  "1.2.840.113549.1.5.6": { digest: "md5", name: "rc2" },
  "1.2.840.113549.1.5.10": { digest: "sha1", name: "des" },
  "1.2.840.113549.1.5.11": { digest: "sha1", name: "rc2" },
};

const pbes2 = "1.2.840.113549.1.5.13";
const pbes2Ciphers: Record<string, Cipher> = {
  "2.16.840.1.101.3.4.1.2": { name: "aes-128-cbc", key: 16 },
  "2.16.840.1.101.3.4.1.22": { name: "aes-192-cbc", key: 24 },
  "2.16.840.1.101.3.4.1.42": { name: "aes-256-cbc", key: 32 },
  "1.2.840.113549.3.7": { name: "des-ede3-cbc", key: 24 },
  "1.3.14.3.2.7": { name: "des", key: 8 },
};

/** What is known by name and not read. */
const strangers: Record<string, string> = {
  "1.2.840.113549.1.12.1.1": "128-bit RC4",
  "1.2.840.113549.1.12.1.2": "40-bit RC4",
  "1.2.840.113549.1.5.1": "MD2 and DES",
  "1.2.840.113549.1.5.4": "MD2 and RC2",
  "1.2.840.113549.3.2": "RC2 under PBES2",
};

/** What a password-based algorithm protects, or undefined where the password does not open it. Keys on the way are filled with 0. */
export function unprotect(algorithm: AlgorithmIdentifier, data: Buffer, password: Password, budget: Budget): Buffer | undefined {
  const { algorithm: id, parameters } = algorithm;
  if (id === pbes2) return byPbes2(parse(parameters, Pbes2Parameters), data, password ?? "", budget);
  const pkcs12 = pkcs12Ciphers[id];
  const pkcs5 = pkcs5Ciphers[id];
  if (!pkcs12 && !pkcs5) throw stranger(id);
  const pbe = parse(parameters, PbeParameters);
  if (!pbe) throw refusal("damaged", "The password protection");
  const salt = octetsOf(pbe.salt);
  const iterations = spend(budget, pbe.iterations);
  if (pkcs5) {
    const both = pbkdf1(pkcs5.digest, password ?? "", salt, iterations);
    return open(pkcs5.name, data, both.subarray(0, 8), both.subarray(8));
  }
  // The IV is derived like the key, with as many iterations.
  spend(budget, iterations);
  const common = { digest: "sha1", password, salt, iterations } as const;
  const key = pkcs12Key({ ...common, purpose: "key", length: pkcs12?.key ?? 0 });
  return open(pkcs12?.name ?? "", data, key, pkcs12Key({ ...common, purpose: "iv", length: 8 }));
}

function byPbes2(parameters: Pbes2Parameters | undefined, data: Buffer, password: string, budget: Budget): Buffer | undefined {
  if (!parameters) throw refusal("damaged", "The password protection");
  const cipher = pbes2Ciphers[parameters.scheme.algorithm];
  if (!cipher) throw stranger(parameters.scheme.algorithm);
  const iv = parse(parameters.scheme.parameters, OctetString);
  if (!iv) throw refusal("damaged", "The password protection");
  return open(cipher.name, data, derive(parameters.derivation, password, cipher.key, budget), octetsOf(iv));
}

const stranger = (id: string): Error => refusal("unreadable", `It is encrypted with ${strangers[id] ?? id}`);

function open(name: string, data: Buffer, key: Buffer, iv: Buffer): Buffer | undefined {
  // Triple DES with one key three times is DES, which OpenSSL has switched off.
  const plain =
    name === "rc2"
      ? openRc2(data, key, iv)
      : name === "des"
        ? decipher("des-ede3-cbc", data, Buffer.concat([key, key, key]), iv)
        : decipher(name, data, key, iv);
  key.fill(0);
  return plain;
}

function decipher(name: string, data: Buffer, key: Buffer, iv: Buffer): Buffer | undefined {
  try {
    const cipher = createDecipheriv(name, key, iv);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  } catch {
    // The padding is wrong, so the key is; or the IV is not of its length.
    return undefined;
  }
}
