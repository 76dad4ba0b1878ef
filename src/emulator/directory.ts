import { randomUUID, type JsonWebKey } from "node:crypto";
import type { ClientSecret } from "./client-secrets.ts";

/**
 * Terminology.
 * Directory: one Entra tenant and what is in it. Principal: who can be given a role: a service principal, a user or a group.
 * Arrival: the moment from which a written object has replicated. Until then it is not there, for whoever asks.
 */
export interface Directory {
  tenantId: string;
  subscriptionId: string;
  applications: Application[];
  servicePrincipals: ServicePrincipal[];
  users: User[];
  groups: Group[];
  /** Of the machine that the identity endpoints stand for: the system's comes first. */
  managedIdentities: ManagedIdentity[];
  /** What a program must say to the App Service endpoint, and finds in its environment. */
  identityHeader: string;
  /** Application permissions for Graph, by the object id of the principal that has them. */
  graphRoles: Record<string, readonly string[]>;
}

/** What every object of a directory has. Times are epoch milliseconds. */
export interface Entry {
  objectId: string;
  displayName: string;
  createdAt: number;
  arrives: Arrival;
  /** In the recycle bin since. */
  deletedAt?: number;
  /** What Graph was told beyond what has a member of its own, by Graph's names. */
  properties: Record<string, unknown>;
}

/** Graph and Entra learn of an object at one time, ARM at another; 0 is at once, whatever the clock. */
export interface Arrival {
  graph: number;
  arm: number;
}

export interface Application extends Entry {
  clientId: string;
  secrets: ClientSecret[];
  certificates: ClientCertificate[];
  federated: FederatedCredential[];
  /** Object ids. */
  owners: string[];
}

export interface ServicePrincipal extends Entry {
  clientId: string;
  /** Whether it may log in. */
  enabled: boolean;
  secrets: ClientSecret[];
  owners: string[];
}

export interface User extends Entry {
  principalName: string;
  enabled: boolean;
  /** Somebody whose password no application may set without a directory role. */
  isAdmin: boolean;
  /** The last one that has arrived logs in. */
  passwords: UserPassword[];
}

export interface UserPassword {
  value: string;
  setAt: number;
  arrives: number;
  mustChange: boolean;
}

export interface Group extends Entry {
  members: Member[];
  owners: string[];
}

export interface Member {
  objectId: string;
  arrives: number;
}

export interface ManagedIdentity {
  clientId: string;
  objectId: string;
  /** Of the machine itself, or of the identity that a user assigned to it. */
  resourceId: string;
}

export interface ClientCertificate {
  keyId: string;
  displayName: string | null;
  /** Base64. */
  der: string;
}

/** Whose tokens stand for the application. The local Azure dials nobody, so it is given the issuer's keys as well. */
export interface FederatedCredential {
  issuer: string;
  subject: string;
  audiences: readonly string[];
  keys: readonly JsonWebKey[];
}

export const domain = "local.onmicrosoft.com";

export function createEntry(displayName: string, now: number, arrives: Arrival = { graph: 0, arm: 0 }): Entry {
  return { objectId: randomUUID(), displayName, createdAt: now, arrives, properties: {} };
}

export function createCertificate(der: string): ClientCertificate {
  return { keyId: randomUUID(), displayName: null, der };
}

/** Neither deleted nor still on its way. */
export function isThere({ deletedAt, arrives }: Entry, now: number): boolean {
  return deletedAt === undefined && arrives.graph <= now;
}

export function findApplication(directory: Directory, clientId: string, now: number): Application | undefined {
  return directory.applications.find((each) => each.clientId === clientId.toLowerCase() && isThere(each, now));
}

/** Who logs in for an application. */
export function findServicePrincipal(directory: Directory, clientId: string, now: number): ServicePrincipal | undefined {
  return directory.servicePrincipals.find((each) => each.clientId === clientId.toLowerCase() && isThere(each, now));
}

export type PrincipalType = "ServicePrincipal" | "User" | "Group";

/** What ARM takes an object id for, as far as it knows the object already. */
export function principalAtArm(directory: Directory, objectId: string, now: number): PrincipalType | undefined {
  const isKnown = (each: Entry): boolean => each.objectId === objectId && each.deletedAt === undefined && each.arrives.arm <= now;
  if (directory.managedIdentities.some((each) => each.objectId === objectId)) return "ServicePrincipal";
  if (directory.servicePrincipals.some(isKnown)) return "ServicePrincipal";
  if (directory.users.some(isKnown)) return "User";
  return directory.groups.some(isKnown) ? "Group" : undefined;
}
