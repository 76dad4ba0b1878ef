import { limits, refusal } from "./refusals.ts";

/** One block between BEGIN and END. */
export interface PemBlock {
  /** e.g. `CERTIFICATE` */
  label: string;
  /** `Proc-Type: 4,ENCRYPTED` and what follows it, for a key that OpenSSL encrypted in its old way; else empty. */
  headers: string;
  bytes: Buffer;
}

const begin = "-----BEGIN ";

export const looksLikePem = (text: string): boolean => text.includes(begin);

/** The blocks of a text, in its order; what stands around them is no matter. Each is cut out by its own marks, so the work grows with the text alone. */
export function pemBlocks(text: string): PemBlock[] {
  const pieces = text.split(begin).slice(1);
  if (pieces.length > limits.blocks) throw refusal("manyBlocks");
  return pieces.map((piece) => {
    const label = /^([A-Z0-9 ]{1,40})-----/u.exec(piece)?.[1] ?? "";
    const end = piece.indexOf(`-----END ${label}-----`);
    if (label === "" || end < 0) throw refusal("damaged", "A PEM block");
    return { label, ...bodyOf(piece.slice(label.length + 5, end)) };
  });
}

/** RFC 1421 ends the headers with an empty line. */
function bodyOf(inner: string): Omit<PemBlock, "label"> {
  const lines = inner.split(/\r\n|\r|\n/u).map((line) => line.trim());
  const headers = lines.filter((line) => line.includes(":"));
  const base64 = lines.filter((line) => !line.includes(":")).join("");
  if (base64 === "" || !isBase64(base64)) throw refusal("damaged", "A PEM block");
  return { headers: headers.join("\n"), bytes: Buffer.from(base64, "base64") };
}

/** Standard base64, complete, without line breaks. */
export const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/u.test(text);

/** RFC 7468: 64 characters a line. */
export function pem(label: string, bytes: Buffer, headers = ""): string {
  const lines = bytes.toString("base64").match(/.{1,64}/gu) ?? [];
  return [`-----BEGIN ${label}-----`, ...(headers === "" ? [] : [headers, ""]), ...lines, `-----END ${label}-----`, ""].join("\n");
}
