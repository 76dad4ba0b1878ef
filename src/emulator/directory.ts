import { createHash, randomBytes, randomUUID, timingSafeEqual, type JsonWebKey } from "node:crypto";

/**
 * Terminology.
 * Directory: one Entra tenant and the applications in it.
 */
export interface Directory {
  tenantId: string;
  subscriptionId: string;
  applications: Application[];
  /** Of the machine that the identity endpoints stand for: the system's comes first. */
  managedIdentities: ManagedIdentity[];
  /** What a program must say to the App Service endpoint, and finds in its environment. */
  identityHeader: string;
}

export interface ManagedIdentity {
  clientId: string;
  objectId: string;
  /** Of the machine itself, or of the identity that a user assigned to it. */
  resourceId: string;
}

export interface Application {
  clientId: string;
  /** Of the service principal: the `oid` of tokens and the principal of role assignments. */
  objectId: string;
  displayName: string;
  /** Whether its service principal may log in. */
  enabled: boolean;
  secrets: ClientSecret[];
  /** DER in base64. */
  certificates: string[];
  federated: FederatedCredential[];
}

/** Whose tokens stand for the application. The local Azure dials nobody, so it is given the issuer's keys as well. */
export interface FederatedCredential {
  issuer: string;
  subject: string;
  audiences: readonly string[];
  keys: readonly JsonWebKey[];
}

interface ClientSecret {
  secret: string;
  expired: boolean;
}

export function createDirectory(): Directory {
  return completedDirectory({ tenantId: randomUUID(), subscriptionId: randomUUID(), applications: [createApplication()] });
}

/** What an earlier local Azure wrote knows secrets alone. */
export function completedDirectory(
  stored: Pick<Directory, "tenantId" | "subscriptionId" | "applications"> & Partial<Directory>,
): Directory {
  const group = `/subscriptions/${stored.subscriptionId}/resourcegroups/local/providers`;
  return {
    managedIdentities: [
      managedIdentity(`${group}/Microsoft.Compute/virtualMachines/local`),
      managedIdentity(`${group}/Microsoft.ManagedIdentity/userAssignedIdentities/local`),
    ],
    identityHeader: randomUUID(),
    ...stored,
    applications: stored.applications.map((each) => ({ ...each, certificates: each.certificates ?? [], federated: each.federated ?? [] })),
  };
}

function managedIdentity(resourceId: string): ManagedIdentity {
  return { clientId: randomUUID(), objectId: randomUUID(), resourceId };
}

function createApplication(): Application {
  const secrets = [{ secret: randomSecret(), expired: false }];
  return { clientId: randomUUID(), objectId: randomUUID(), displayName: "local", enabled: true, secrets, certificates: [], federated: [] };
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
