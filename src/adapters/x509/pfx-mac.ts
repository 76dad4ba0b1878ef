import { createHmac, timingSafeEqual } from "node:crypto";
import type { MacData } from "@peculiar/asn1-pfx";
import { spend, type Budget } from "./budget.ts";
import { derive, hmacs } from "./derivation.ts";
import { pkcs12Key, type Pkcs12Derivation } from "./pkcs12-key.ts";
import type { Password } from "./protection.ts";
import { refusal } from "./refusals.ts";
import { octetsOf, parse, Pbes2Parameters } from "./shapes.ts";

/** The digests that PFX files are sealed with, by object identifier, and their bytes. */
const digests: Record<string, { name: Pkcs12Derivation["digest"]; bytes: number }> = {
  "1.3.14.3.2.26": { name: "sha1", bytes: 20 },
  "2.16.840.1.101.3.4.2.4": { name: "sha224", bytes: 28 },
  "2.16.840.1.101.3.4.2.1": { name: "sha256", bytes: 32 },
  "2.16.840.1.101.3.4.2.2": { name: "sha384", bytes: 48 },
  "2.16.840.1.101.3.4.2.3": { name: "sha512", bytes: 64 },
};

const pbmac1 = "1.2.840.113549.1.5.14";

/** Whether the password's MAC is the file's. A file without one says nothing, and fits. */
export function macFits(mac: MacData, content: Buffer, password: Password, budget: Budget): boolean {
  // What is absent comes out of the library as an empty one.
  if (mac.mac.digestAlgorithm.algorithm === "") return true;
  const { name, key } = macKey(mac, password, budget);
  const made = createHmac(name, key).update(content).digest();
  key.fill(0);
  const said = octetsOf(mac.mac.digest);
  return said.length === made.length && timingSafeEqual(said, made);
}

function macKey(mac: MacData, password: Password, budget: Budget): { name: string; key: Buffer } {
  const { algorithm: id, parameters } = mac.mac.digestAlgorithm;
  if (id === pbmac1) {
    const pbmac = parse(parameters, Pbes2Parameters);
    const name = hmacs[pbmac?.scheme.algorithm ?? ""];
    if (!pbmac || name === undefined) throw refusal("unreadable", "The PFX is sealed in a way of its own");
    return { name, key: derive(pbmac.derivation, password ?? "", undefined, budget) };
  }
  const digest = digests[id];
  if (!digest) throw refusal("unreadable", `The PFX is sealed with ${id}`);
  const derivation = { digest: digest.name, purpose: "mac", password, salt: octetsOf(mac.macSalt), length: digest.bytes } as const;
  return { name: digest.name, key: pkcs12Key({ ...derivation, iterations: spend(budget, mac.iterations) }) };
}
