import { X509Certificate, type KeyObject } from "node:crypto";
import type { Budget } from "./budget.ts";
import { plainKey, type KeyForm } from "./keys.ts";
import { isBase64, looksLikePem, pemBlocks, type PemBlock } from "./pem.ts";
import { encryptedKey, keyOfBlock } from "./pem-key.ts";
import { limits, refusal } from "./refusals.ts";

/** What one input holds, in its order. */
export interface Contents {
  keys: KeyObject[];
  certificates: X509Certificate[];
}

/** `certificates`: keys are passed over, whatever protects them. */
export type Wanted = "all" | "certificates";

/** What is in PEM, PFX or DER, raw or in base64. */
export async function contentsOf(input: Uint8Array, wanted: Wanted, password: string | undefined, budget: Budget): Promise<Contents> {
  if (input.byteLength > limits.bytes) throw refusal("tooLarge", input.byteLength);
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  if (isDer(bytes)) return ofDer(bytes, password, budget);
  const text = textOf(bytes);
  if (looksLikePem(text)) return ofPem(text, wanted, password, budget);
  const compact = text.replace(/\s/gu, "");
  if (!isBase64(compact)) throw refusal("unknownFormat");
  const decoded = Buffer.from(compact, "base64");
  try {
    if (isDer(decoded)) return await ofDer(decoded, password, budget);
    const inner = textOf(decoded);
    if (looksLikePem(inner)) return await ofPem(inner, wanted, password, budget);
    throw refusal("unknownFormat");
  } finally {
    decoded.fill(0);
  }
}

/** A SEQUENCE, as everything here begins, and no text: its length or, in a short one, its first INTEGER is a byte that no text has there. */
const isDer = (bytes: Buffer): boolean => bytes[0] === 0x30 && ((bytes[1] ?? 0) >= 0x80 || bytes[2] === 0x02);

/** PowerShell writes UTF-16 with a byte order mark when it is not told otherwise. */
const textOf = (bytes: Buffer): string => bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "latin1");

const certificateLabels = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

async function ofPem(text: string, wanted: Wanted, password: string | undefined, budget: Budget): Promise<Contents> {
  const blocks = pemBlocks(text);
  if (blocks.some(({ label }) => label === "PKCS7" || label === "CMS")) throw refusal("pkcs7");
  const certificates = blocks.filter(({ label }) => certificateLabels.includes(label)).map(certificateOfBlock);
  const keys: KeyObject[] = [];
  for (const block of wanted === "all" ? blocks : []) {
    // oxlint-disable-next-line no-await-in-loop -- the budget is one for all
    const key = await keyOfBlock(block, password, budget);
    if (key) keys.push(key);
  }
  return { keys, certificates };
}

function certificateOfBlock({ bytes }: PemBlock): X509Certificate {
  const certificate = certificateOf(bytes);
  if (!certificate) throw refusal("damaged", "A certificate");
  return certificate;
}

export function certificateOf(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

const forms: readonly KeyForm[] = ["pkcs8", "pkcs1", "sec1"];

async function ofDer(der: Buffer, password: string | undefined, budget: Budget): Promise<Contents> {
  const certificate = certificateOf(der);
  if (certificate) return { keys: [], certificates: [certificate] };
  for (const form of forms) {
    const key = plainKey(der, form);
    if (key) return { keys: [key], certificates: [] };
  }
  const { readPfx } = await import("./pfx-read.ts");
  const pfx = readPfx(der, password, budget);
  if (!pfx) return { keys: [await encryptedKey(der, "The input", password, budget)], certificates: [] };
  const certificates = pfx.certificates.map((each) => certificateOfBlock({ label: "", headers: "", bytes: each }));
  return { keys: pfx.keys, certificates };
}
