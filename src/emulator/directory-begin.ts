import { randomUUID } from "node:crypto";
import { createSecret, endOfTime } from "./client-secrets.ts";
import { createCertificate, createEntry, type Application, type Directory, type ManagedIdentity } from "./directory.ts";

/** What the ready line's principal and the machine's may do at Graph until a test says otherwise. */
const everything = [
  "Application.ReadWrite.All",
  "Directory.Read.All",
  "Group.ReadWrite.All",
  "User.ReadWrite.All",
  "User-PasswordProfile.ReadWrite.All",
];

/** What is there from the beginning was made long before: a clock that is turned back does not take it away. */
const age = 2 * 365 * 86_400_000;

export function createDirectory(now: number): Directory {
  const head = { tenantId: randomUUID(), subscriptionId: randomUUID() };
  return completedDirectory({ ...head, applications: [createApplication(now)] }, now);
}

function createApplication(now: number): Application {
  return {
    ...createEntry("local", now - age),
    properties: { signInAudience: "AzureADMyOrg" },
    clientId: randomUUID(),
    secrets: [createSecret({ displayName: "local", startsAt: now - age, endsAt: endOfTime, arrives: 0 })],
    certificates: [],
    federated: [],
    owners: [],
  };
}

/** What is in the file of a data folder: an application may be one of an earlier local Azure, which knew it and its principal as one. */
type StoredDirectory = Pick<Directory, "tenantId" | "subscriptionId"> &
  Partial<Directory> & { applications: readonly (Application | EarlierApplication)[] };

interface EarlierApplication {
  clientId: string;
  /** Of the service principal. */
  objectId: string;
  displayName: string;
  enabled: boolean;
  secrets: { secret: string; expired: boolean }[];
  certificates?: string[];
  federated?: Application["federated"];
}

function isEarlier(application: Application | EarlierApplication): application is EarlierApplication {
  return "enabled" in application;
}

export function completedDirectory(stored: StoredDirectory, now: number): Directory {
  const group = `/subscriptions/${stored.subscriptionId}/resourcegroups/local/providers`;
  const managedIdentities = stored.managedIdentities ?? [
    managedIdentity(`${group}/Microsoft.Compute/virtualMachines/local`),
    managedIdentity(`${group}/Microsoft.ManagedIdentity/userAssignedIdentities/local`),
  ];
  const directory: Directory = {
    identityHeader: randomUUID(),
    users: [],
    groups: [],
    servicePrincipals: [],
    graphRoles: {},
    ...stored,
    managedIdentities,
    applications: stored.applications.map((each) => (isEarlier(each) ? renewed(each, now) : each)),
  };
  if (stored.servicePrincipals === undefined) giveRights(directory, stored.applications);
  return directory;
}

/** Who is there from the beginning has a service principal, owns its own application, and may do at Graph what there is to do. */
function giveRights(directory: Directory, stored: StoredDirectory["applications"]): void {
  for (const [index, application] of directory.applications.entries()) {
    const earlier = stored[index];
    const entry = {
      ...createEntry(application.displayName, application.createdAt),
      clientId: application.clientId,
      secrets: [],
      owners: [],
    };
    const kept = earlier !== undefined && isEarlier(earlier) ? { objectId: earlier.objectId, enabled: earlier.enabled } : { enabled: true };
    const principal = { ...entry, ...kept };
    application.owners = [principal.objectId];
    directory.servicePrincipals.push(principal);
  }
  for (const { objectId } of [...directory.servicePrincipals, ...directory.managedIdentities]) directory.graphRoles[objectId] = everything;
}

function renewed(earlier: EarlierApplication, now: number): Application {
  return {
    ...createApplication(now),
    displayName: earlier.displayName,
    clientId: earlier.clientId,
    secrets: earlier.secrets.map(({ secret, expired }) =>
      createSecret({ secret, startsAt: now - age, endsAt: expired ? now : endOfTime, arrives: 0 }),
    ),
    certificates: (earlier.certificates ?? []).map(createCertificate),
    federated: earlier.federated ?? [],
  };
}

function managedIdentity(resourceId: string): ManagedIdentity {
  return { clientId: randomUUID(), objectId: randomUUID(), resourceId };
}
