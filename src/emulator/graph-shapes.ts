import { X509Certificate } from "node:crypto";
import { isShown, type ClientSecret } from "./client-secrets.ts";
import {
  type Application,
  type ClientCertificate,
  domain,
  type Directory,
  type Entry,
  type Group,
  type ServicePrincipal,
  type User,
} from "./directory.ts";
import { graphTime } from "./graph-body.ts";
import { applicationDefaults, groupDefaults, merged, principalDefaults, userDefaults } from "./graph-properties.ts";

/** When is looked at what. */
export interface View {
  directory: Directory;
  now: number;
}

export type Shown = Record<string, unknown> & { id: string };

export function showApplication(application: Application, { now }: View): Shown {
  return {
    ...head(application),
    appId: application.clientId,
    applicationTemplateId: null,
    disabledByMicrosoftStatus: null,
    publisherDomain: domain,
    certification: null,
    requestSignatureVerification: null,
    verifiedPublisher: { displayName: null, verifiedPublisherId: null, addedDateTime: null },
    ...merged(applicationDefaults, application.properties),
    keyCredentials: application.certificates.map(showCertificate),
    passwordCredentials: application.secrets.filter((each) => isShown(each, now)).map((each) => showSecret(each)),
  };
}

export function showPrincipal(principal: ServicePrincipal, { directory, now }: View): Shown {
  const application = directory.applications.find(({ clientId }) => clientId === principal.clientId);
  const uris = application?.properties["identifierUris"];
  return {
    ...head(principal),
    accountEnabled: principal.enabled,
    appDescription: null,
    appDisplayName: application?.displayName ?? principal.displayName,
    appId: principal.clientId,
    applicationTemplateId: null,
    appOwnerOrganizationId: directory.tenantId,
    disabledByMicrosoftStatus: null,
    replyUrls: [],
    servicePrincipalNames: [principal.clientId, ...(Array.isArray(uris) ? uris : [])],
    servicePrincipalType: "Application",
    signInAudience: application === undefined ? null : merged(applicationDefaults, application.properties)["signInAudience"],
    tokenEncryptionKeyId: null,
    samlSingleSignOnSettings: null,
    addIns: [],
    appRoles: [],
    info: applicationDefaults["info"],
    keyCredentials: [],
    oauth2PermissionScopes: [],
    resourceSpecificApplicationPermissions: [],
    verifiedPublisher: { displayName: null, verifiedPublisherId: null, addedDateTime: null },
    ...merged(principalDefaults, principal.properties),
    // The hint of a service principal's secret is not told.
    passwordCredentials: principal.secrets.filter((each) => isShown(each, now)).map((each) => ({ ...showSecret(each), hint: null })),
  };
}

export function showUser(user: User): Shown {
  return {
    ...merged(userDefaults, user.properties),
    ...head(user),
    accountEnabled: user.enabled,
    lastPasswordChangeDateTime: graphTime(user.passwords.at(-1)?.setAt ?? user.createdAt),
    // Written, never read.
    passwordProfile: null,
    userPrincipalName: user.principalName,
    userType: "Member",
  };
}

export function showGroup(group: Group): Shown {
  return {
    ...head(group),
    renewedDateTime: graphTime(group.createdAt),
    securityIdentifier: null,
    ...merged(groupDefaults, group.properties),
  };
}

/** `secretText` is null but in the answer that made it. */
export function showSecret(secret: ClientSecret, secretText: string | null = null): Record<string, unknown> {
  return {
    customKeyIdentifier: secret.customKeyIdentifier,
    displayName: secret.displayName,
    endDateTime: graphTime(secret.endsAt),
    hint: secret.secret.slice(0, 3),
    keyId: secret.keyId,
    secretText,
    startDateTime: graphTime(secret.startsAt),
  };
}

function showCertificate({ keyId, displayName, der }: ClientCertificate): object {
  const certificate = new X509Certificate(Buffer.from(der, "base64"));
  return {
    customKeyIdentifier: certificate.fingerprint.replaceAll(":", ""),
    displayName,
    endDateTime: graphTime(certificate.validToDate.getTime()),
    key: null,
    keyId,
    startDateTime: graphTime(certificate.validFromDate.getTime()),
    type: "AsymmetricX509Cert",
    usage: "Verify",
  };
}

function head(entry: Entry): { id: string; deletedDateTime: string | null; createdDateTime: string; displayName: string } {
  return {
    id: entry.objectId,
    deletedDateTime: entry.deletedAt === undefined ? null : graphTime(entry.deletedAt),
    createdDateTime: graphTime(entry.createdAt),
    displayName: entry.displayName,
  };
}
