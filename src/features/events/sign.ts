import { UscError } from "../../kernel/errors.ts";

const prefix = "whsec_";

/** 256 random bits. */
export const newSigningSecret = (): string => `${prefix}${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;

/** A secret as a receiver's library takes it; `usage` for any other text. */
export function signingSecret(given: string): string {
  const text = given.trim();
  const [, digits = ""] = /^whsec_([A-Za-z0-9+/]+={0,2})$/u.exec(text) ?? [];
  const bytes = Buffer.from(digits, "base64");
  if (bytes.length >= 24 && bytes.length <= 64 && bytes.toString("base64") === digits) return text;
  throw new UscError("usage", "--signing-secret is not valid: expected whsec_ and 24 to 64 bytes in base64.", {
    hint: "Leave it out, and one is made.",
  });
}

/** The headers of Standard Webhooks. `now`: of this attempt; the id stays the same in all of them. */
export async function signed(secret: string, id: string, now: number, body: string): Promise<Record<string, string>> {
  const seconds = String(Math.floor(now / 1000));
  const bytes = Buffer.from(secret.slice(prefix.length), "base64");
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`${id}.${seconds}.${body}`));
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${Buffer.from(signature).toString("base64")}` };
}
