import { createHash, randomInt, randomUUID, timingSafeEqual } from "node:crypto";

/** A password credential, as Graph calls it, of an application or of its service principal. Times are epoch milliseconds. */
export interface ClientSecret {
  keyId: string;
  displayName: string | null;
  /** Bytes in base64. */
  customKeyIdentifier: string | null;
  secret: string;
  startsAt: number;
  endsAt: number;
  /** From when it logs in: until then it has not replicated. 0 is at once. */
  arrives: number;
  /** From when Graph shows it, and finds it by its key id. */
  shows: number;
  /** Removed: Graph does not show it any more, and from here on it does not log in. */
  leaves?: number;
}

/** As the portal dates a secret that shall last. */
export const endOfTime = Date.parse("2299-12-31T00:00:00Z");

export function createSecret(given: Partial<ClientSecret> & Pick<ClientSecret, "startsAt" | "endsAt" | "arrives">): ClientSecret {
  return { keyId: randomUUID(), displayName: null, customKeyIdentifier: null, secret: randomSecret(), shows: 0, ...given };
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Forty characters in the form of Entra's. A tilde, a dot and a dash are always in: programs that quote badly shall notice here. */
function randomSecret(): string {
  const some = (count: number): string => Array.from({ length: count }, () => letters[randomInt(letters.length)]).join("");
  return `${some(3)}8Q~${some(15)}.${some(15)}-${some(2)}`;
}

/** What was removed may log in for a while; Graph knows it no more. */
export function isShown({ leaves, shows }: ClientSecret, now: number): boolean {
  return leaves === undefined && shows <= now;
}

export type SecretCheck = "valid" | "expired" | "wrong";

export function checkSecret(secrets: readonly ClientSecret[], given: string, now: number): SecretCheck {
  let outcome: SecretCheck = "wrong";
  // All are compared, so that the time tells nothing about which one fits.
  for (const candidate of secrets) {
    const isSame = isSameText(candidate.secret, given);
    // Of a secret whose time has not come Entra knows nothing: that it says so for a start to come as well is a guess.
    const counts = candidate.arrives <= now && candidate.startsAt <= now && now < (candidate.leaves ?? Infinity);
    if (isSame && counts) outcome = now < candidate.endsAt ? "valid" : "expired";
  }
  return outcome;
}

export function isSameText(left: string, right: string): boolean {
  return timingSafeEqual(createHash("sha256").update(left).digest(), createHash("sha256").update(right).digest());
}
