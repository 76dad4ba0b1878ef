import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { vaultErrors } from "./vault-errors.ts";
import type { Secret } from "./vault-state.ts";

/** A backup is opaque to its holder, as the service's are: only this local Azure can read it back, into any of its vaults. */
export function sealBackup(key: Buffer, secret: Secret): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify({ name: secret.name, versions: secret.versions }), "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

export function openBackup(key: Buffer, blob: unknown): Secret {
  if (typeof blob !== "string") throw vaultErrors.malformedBackup();
  const bytes = Buffer.from(blob, "base64url");
  if (bytes.length < 28) throw vaultErrors.malformedBackup();
  try {
    const opener = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
    opener.setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([opener.update(bytes.subarray(28)), opener.final()]).toString("utf8");
    const sealed: unknown = JSON.parse(text);
    if (!isContent(sealed)) throw vaultErrors.malformedBackup();
    return { ...sealed, phase: { is: "live" } };
  } catch {
    throw vaultErrors.malformedBackup();
  }
}

// The tag vouches for the rest: nobody but sealBackup can have written it.
function isContent(value: unknown): value is Pick<Secret, "name" | "versions"> {
  return typeof value === "object" && value !== null && "name" in value && "versions" in value;
}
