import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Certificate } from "./certificate-state.ts";
import { vaultErrors } from "./vault-errors.ts";
import type { Secret } from "./vault-state.ts";

/** What a backup holds of an object: all of it but where it stands between life and purge. */
interface Contents {
  secret: { kind: "secret" } & Pick<Secret, "name" | "versions">;
  certificate: { kind: "certificate" } & Pick<Certificate, "name" | "versions" | "policy">;
}

/** A backup is opaque to its holder, as the service's are: only this local Azure can read it back, into any of its vaults. */
export function sealBackup(key: Buffer, content: Contents[keyof Contents]): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(content), "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

export function openBackup<K extends keyof Contents>(key: Buffer, kind: K, blob: unknown): Contents[K] {
  if (typeof blob !== "string") throw vaultErrors.malformedBackup();
  const bytes = Buffer.from(blob, "base64url");
  if (bytes.length < 28) throw vaultErrors.malformedBackup();
  try {
    const opener = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12), { authTagLength: 16 });
    opener.setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([opener.update(bytes.subarray(28)), opener.final()]).toString("utf8");
    const sealed: unknown = JSON.parse(text);
    if (!isContent(sealed, kind)) throw vaultErrors.malformedBackup();
    return sealed;
  } catch {
    throw vaultErrors.malformedBackup();
  }
}

// The tag vouches for the rest: nobody but sealBackup can have written it.
function isContent<K extends keyof Contents>(value: unknown, kind: K): value is Contents[K] {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
