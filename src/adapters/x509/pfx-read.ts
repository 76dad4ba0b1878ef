import type { KeyObject } from "node:crypto";
import { ContentInfo, id_data, id_encryptedData, id_signedData } from "@peculiar/asn1-cms";
import {
  AuthenticatedSafe,
  CertBag,
  id_certBag,
  id_keyBag,
  id_pkcs8ShroudedKeyBag,
  id_SafeContents,
  id_x509Certificate,
  PFX,
  SafeContents,
  type SafeBag,
} from "@peculiar/asn1-pfx";
import type { Budget } from "./budget.ts";
import { openEncryptedKey } from "./encrypted-key.ts";
import { isSmall, plainKey } from "./keys.ts";
import { macFits } from "./pfx-mac.ts";
import { unprotect, type Password } from "./protection.ts";
import { limits, refusal } from "./refusals.ts";
import { EncryptedData, Octets, octetsOf, parse } from "./shapes.ts";

export interface PfxContents {
  keys: KeyObject[];
  /** DER each, in the file's order. */
  certificates: Buffer[];
}

/** PKCS#12 (RFC 7292), or undefined where the bytes are something else. */
export function readPfx(der: Buffer, password: string | undefined, budget: Budget): PfxContents | undefined {
  const pfx = parse(der, PFX);
  if (!pfx) {
    if (isSmall(der) && parse(der, ContentInfo)?.contentType === id_signedData) throw refusal("pkcs7");
    return undefined;
  }
  if (pfx.authSafe.contentType === id_signedData) throw refusal("signedPfx");
  const content = octets(pfx.authSafe.content);
  const safes = content && parse(content, AuthenticatedSafe);
  if (!safes) throw refusal("damaged", "The PFX");
  // No password and an empty one look alike to a user, and are two things to the derivation.
  const candidates: Password[] = password ? [password] : ["", null];
  for (const candidate of candidates) {
    // A file without a MAC lets every candidate through.
    const found = macFits(pfx.macData, content, candidate, budget) ? openSafes(safes, candidate, budget) : undefined;
    if (found) return found;
  }
  throw password === undefined ? refusal("passwordNeeded", "The PFX") : refusal("wrongPassword", "the PFX");
}

/** Undefined: the password is wrong. */
function openSafes(safes: AuthenticatedSafe, password: Password, budget: Budget): PfxContents | undefined {
  const found: PfxContents = { keys: [], certificates: [] };
  for (const safe of safes) {
    const plain = plainSafe(safe, password, budget);
    const bags = plain && parse(plain, SafeContents);
    // What nothing protects is no matter of the password.
    if (!bags && safe.contentType === id_data) throw refusal("damaged", "The PFX");
    const opened = bags?.every((bag) => openBag(bag, password, budget, found, 0)) ?? false;
    if (safe.contentType === id_encryptedData) plain?.fill(0);
    if (!opened) return undefined;
  }
  return found;
}

function plainSafe(safe: ContentInfo, password: Password, budget: Budget): Buffer | undefined {
  if (safe.contentType === id_data) return octets(safe.content);
  if (safe.contentType !== id_encryptedData) throw refusal("signedPfx");
  const info = parse(safe.content, EncryptedData)?.encryptedContentInfo;
  const { value, constructedValue } = info?.encryptedContent ?? {};
  const pieces = value ? [value] : constructedValue;
  if (!info || !pieces) throw refusal("damaged", "The PFX");
  return unprotect(info.contentEncryptionAlgorithm, Buffer.concat(pieces.map(octetsOf)), password, budget);
}

/** Puts what a bag holds into `found`; false: the password is wrong. Lists of revoked certificates and secrets are passed over. */
function openBag(bag: SafeBag, password: Password, budget: Budget, found: PfxContents, depth: number): boolean {
  if (depth > limits.depth) throw refusal("damaged", "The PFX");
  if (bag.bagId === id_SafeContents) {
    const inner = parse(bag.bagValue, SafeContents);
    return inner?.every((each) => openBag(each, password, budget, found, depth + 1)) ?? false;
  }
  if (bag.bagId === id_certBag) {
    const certificate = certificateOf(bag);
    if (certificate) take(found.certificates, certificate);
    return true;
  }
  if (bag.bagId === id_keyBag || bag.bagId === id_pkcs8ShroudedKeyBag) {
    const key = bag.bagId === id_keyBag ? plainKey(Buffer.from(bag.bagValue), "pkcs8") : openEncryptedKey(bag.bagValue, password, budget);
    if (key === "wrong") return false;
    if (!key) throw refusal("damaged", "The private key in the PFX");
    take(found.keys, key);
  }
  return true;
}

function take<T>(list: T[], item: T): void {
  if (list.length >= limits.certificates) throw refusal("manyCertificates");
  list.push(item);
}

function certificateOf(bag: SafeBag): Buffer | undefined {
  const held = parse(bag.bagValue, CertBag);
  const certificate = held && octets(held.certValue);
  if (!certificate) throw refusal("damaged", "A certificate in the PFX");
  return held.certId === id_x509Certificate ? certificate : undefined;
}

function octets(der: ArrayBuffer): Buffer | undefined {
  const value = parse(der, Octets);
  return value && octetsOf(value);
}
