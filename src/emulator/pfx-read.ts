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
      const whole = forge.asn1.fromDer(der.toString("latin1"));
      if (takesTooLong(whole)) return undefined;
      const { safeContents } = forge.pkcs12.pkcs12FromAsn1(whole, false, candidate);
      const bags = safeContents.flatMap(({ safeBags }) => safeBags);
      return { keys: bags.flatMap(keyIn), certificates: bags.flatMap(certificateIn) };
    } catch {
      // Wrong password or wrong bytes.
    }
  }
  return undefined;
}

/** .NET, and so the service, refuses what takes more (KB5025823); here it would stop everybody else. */
const mostIterations = 600_000;
const [integer, octetString] = [2, 4];

/** Wherever a salt is followed by a number, that is how often its key is derived anew. What is within an encrypted part is not seen. */
function takesTooLong({ value }: Asn1): boolean {
  if (typeof value === "string") return false;
  return value.some((part, index) => {
    const before = value[index - 1];
    if (part.type === integer && before?.type === octetString) return numberIn(part) > mostIterations;
    return takesTooLong(part.type === octetString ? within(part) : part);
  });
}

function numberIn({ value }: Asn1): number {
  return typeof value === "string" ? Number.parseInt(Buffer.from(value, "latin1").toString("hex"), 16) : Infinity;
}

/** The safes of a PFX are DER in octet strings. */
function within(part: Asn1): Asn1 {
  try {
    return typeof part.value === "string" ? forge.asn1.fromDer(part.value) : part;
  } catch {
    return { type: octetString, value: "" };
  }
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
