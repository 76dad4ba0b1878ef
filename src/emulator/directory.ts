import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";

/**
 * Terminology.
 * Directory: one Entra tenant and the applications in it.
 */
export interface Directory {
  tenantId: string;
  subscriptionId: string;
  applications: Application[];
}

export interface Application {
  clientId: string;
  /** Of the service principal: the `oid` of tokens and the principal of role assignments. */
  objectId: string;
  displayName: string;
  /** Whether its service principal may log in. */
  enabled: boolean;
  secrets: ClientSecret[];
}

interface ClientSecret {
  secret: string;
  expired: boolean;
}

export function createDirectory(): Directory {
  return { tenantId: randomUUID(), subscriptionId: randomUUID(), applications: [createApplication()] };
}

function createApplication(): Application {
  const secrets = [{ secret: randomSecret(), expired: false }];
  return { clientId: randomUUID(), objectId: randomUUID(), displayName: "local", enabled: true, secrets };
}

/** Forty characters with a tilde and a dot, as Entra's: programs that quote badly shall notice here. */
function randomSecret(): string {
  return `lcl8Q~${randomBytes(25).toString("base64url").slice(0, 32)}.x`;
}

export function findApplication(directory: Directory, clientId: string): Application | undefined {
  return directory.applications.find((application) => application.clientId === clientId.toLowerCase());
}

export function checkSecret(application: Application, given: string): "valid" | "expired" | "wrong" {
  let outcome: "valid" | "expired" | "wrong" = "wrong";
  // All are compared, so that the time tells nothing about which one fits.
  for (const candidate of application.secrets) {
    if (isSame(candidate.secret, given)) outcome = candidate.expired ? "expired" : "valid";
  }
  return outcome;
}

function isSame(left: string, right: string): boolean {
  return timingSafeEqual(createHash("sha256").update(left).digest(), createHash("sha256").update(right).digest());
}
