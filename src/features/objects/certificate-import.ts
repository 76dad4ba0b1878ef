import { UscError } from "../../kernel/errors.ts";
import { type CertificateImport, type ContentType, pemType, pfxType } from "./certificate-port.ts";
import type { Deps } from "./deps.ts";
import { maxStored } from "./value.ts";
import type { BundleInput } from "./x509-port.ts";

export interface GivenBundle {
  value?: string | undefined;
  "cert-data"?: string | undefined;
  "key-data"?: string | undefined;
  "chain-data"?: string | undefined;
  "pfx-password"?: string | undefined;
  "content-type"?: string | undefined;
}

/** Whether anything was given to import. */
export const isGiven = (given: GivenBundle): boolean =>
  (["value", "cert-data", "key-data", "chain-data"] as const).some((field) => given[field] !== undefined);

/** What was given, looked at as Key Vault will look at it: whatever is wrong with it is `usage`, before any request. */
export async function bundleOf(
  { x509, clock }: Pick<Deps, "x509" | "clock">,
  given: GivenBundle,
): Promise<Omit<CertificateImport, "enabled" | "tags">> {
  const { value, "cert-data": certificate, "key-data": key, "chain-data": chain, "pfx-password": password } = given;
  const main = value ?? certificate;
  if (main === undefined)
    throw new UscError("usage", "There is no certificate beside the key or chain.", { hint: "Give it as --cert-file." });
  if (value !== undefined && certificate !== undefined) throw new UscError("usage", "Give either --value or --cert-data.");
  const tool = await x509();
  const input: BundleInput = { bytes: Buffer.from(main), keyBytes: bytesOf(key), chainBytes: bytesOf(chain), password };
  const bundle = await tool.readBundle(input);
  try {
    tool.checkForImport(bundle, clock.now());
    const { thumbprint } = await tool.describe(bundle.leaf);
    const contentType = contentTypeOf(given, main);
    // Written anew, whatever was given: what was looked at is what goes, in a form that Key Vault is known to take, and no password leaves this machine.
    const bytes = contentType === pemType ? tool.writePem(bundle) : await tool.writePfx(bundle, "");
    return fitting({ bytes, contentType, thumbprint });
  } finally {
    bundle.key.fill(0);
  }
}

const bytesOf = (text: string | undefined): Buffer | undefined => (text === undefined ? undefined : Buffer.from(text));

/** Key Vault keeps the form that it is given, unless the user wants the other one. */
function contentTypeOf({ "content-type": wanted, "key-data": key, "chain-data": chain }: GivenBundle, main: string): ContentType {
  if (wanted === pemType || wanted === pfxType) return wanted;
  if (wanted !== undefined) {
    throw new UscError("usage", "--content-type is not valid for a certificate.", { hint: `It is ${pfxType} or ${pemType}.` });
  }
  return isPfx(main, key ?? chain) ? pfxType : pemType;
}

/** One file that held a key and is no PEM is a PFX. PEM may be UTF-16, and the text around it may begin as DER does. */
function isPfx(main: string, beside: string | undefined): boolean {
  const bytes = rawBytes(main);
  return beside === undefined && bytes[0] === 0x30 && !bytes.includes("-----BEGIN ");
}

function rawBytes(text: string): Buffer {
  return /^[A-Za-z0-9+/=\s]+$/u.test(text) ? Buffer.from(text, "base64") : Buffer.from(text);
}

function fitting<T extends Pick<CertificateImport, "bytes" | "contentType">>(write: T): T {
  // Key Vault keeps a PFX as base64.
  const size = write.contentType === pfxType ? Math.ceil(write.bytes.length / 3) * 4 : write.bytes.length;
  if (size <= maxStored) return write;
  throw new UscError("usage", `The certificate is too large: ${size} bytes as stored; Key Vault takes ${maxStored}.`, {
    hint: "Leave out what the chain does not need, such as the root.",
  });
}
