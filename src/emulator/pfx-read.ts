import { createPrivateKey, type KeyObject } from "node:crypto";
import forge, { type Asn1, type Bag } from "node-forge";

export interface PfxContents {
  keys: KeyObject[];
  /** DER each, in the file's order. */
  certificates: Buffer[];
}

/** PKCS#12, modern and legacy. Undefined when the bytes are something else, or the password is wrong: the service does not tell either. */
export function readPfx(der: Buffer, password: string): PfxContents | undefined {
  // No password and an empty one are two things to the derivation of keys, and one to whoever types them.
  const candidates = password === "" ? ["", undefined] : [password];
  for (const candidate of candidates) {
    try {
      const { safeContents } = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(der.toString("latin1")), false, candidate);
      const bags = safeContents.flatMap(({ safeBags }) => safeBags);
      return { keys: bags.flatMap(keyIn), certificates: bags.flatMap(certificateIn) };
    } catch {
      // Wrong password or wrong bytes.
    }
  }
  return undefined;
}

function keyIn(bag: Bag): KeyObject[] {
  if (bag.key === undefined) return [];
  if (bag.key === null) return bag.asn1 === undefined ? [] : [createPrivateKey({ key: derOf(bag.asn1), format: "der", type: "pkcs8" })];
  return [createPrivateKey({ key: derOf(forge.pki.privateKeyToAsn1(bag.key)), format: "der", type: "pkcs1" })];
}

function certificateIn(bag: Bag): Buffer[] {
  if (bag.cert === undefined) return [];
  if (bag.cert === null) return bag.asn1 === undefined ? [] : [derOf(bag.asn1)];
  return [derOf(forge.pki.certificateToAsn1(bag.cert))];
}

function derOf(value: Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), "latin1");
}
