/** What an application has until it is told otherwise: each may be written. */
export const applicationDefaults: Readonly<Record<string, unknown>> = {
  description: null,
  notes: null,
  groupMembershipClaims: null,
  identifierUris: [],
  isDeviceOnlyAuthSupported: null,
  isFallbackPublicClient: null,
  serviceManagementReference: null,
  signInAudience: "AzureADandPersonalMicrosoftAccount",
  tags: [],
  tokenEncryptionKeyId: null,
  samlMetadataUrl: null,
  defaultRedirectUri: null,
  optionalClaims: null,
  servicePrincipalLockConfiguration: null,
  addIns: [],
  api: {
    acceptMappedClaims: null,
    knownClientApplications: [],
    requestedAccessTokenVersion: null,
    oauth2PermissionScopes: [],
    preAuthorizedApplications: [],
  },
  appRoles: [],
  info: { logoUrl: null, marketingUrl: null, privacyStatementUrl: null, supportUrl: null, termsOfServiceUrl: null },
  parentalControlSettings: { countriesBlockedForMinors: [], legalAgeGroupRule: "Allow" },
  publicClient: { redirectUris: [] },
  requiredResourceAccess: [],
  spa: { redirectUris: [] },
  web: {
    homePageUrl: null,
    logoutUrl: null,
    redirectUris: [],
    implicitGrantSettings: { enableAccessTokenIssuance: false, enableIdTokenIssuance: false },
    redirectUriSettings: [],
  },
};

export const principalDefaults: Readonly<Record<string, unknown>> = {
  alternativeNames: [],
  appRoleAssignmentRequired: false,
  description: null,
  homepage: null,
  loginUrl: null,
  logoutUrl: null,
  notes: null,
  notificationEmailAddresses: [],
  preferredSingleSignOnMode: null,
  tags: [],
};

export const userDefaults: Readonly<Record<string, unknown>> = {
  businessPhones: [],
  givenName: null,
  jobTitle: null,
  mail: null,
  mailNickname: null,
  mobilePhone: null,
  officeLocation: null,
  onPremisesImmutableId: null,
  passwordPolicies: null,
  preferredLanguage: null,
  surname: null,
  usageLocation: null,
};

export const groupDefaults: Readonly<Record<string, unknown>> = {
  description: null,
  groupTypes: [],
  isAssignableToRole: null,
  mail: null,
  mailEnabled: false,
  mailNickname: null,
  securityEnabled: true,
  visibility: null,
};

/** Graph shows a user by these alone, unless `$select` asks for more. */
export const userStandard = [
  "businessPhones",
  "displayName",
  "givenName",
  "jobTitle",
  "mail",
  "mobilePhone",
  "officeLocation",
  "preferredLanguage",
  "surname",
  "userPrincipalName",
  "id",
] as const;

/** Of an object inside, what was not given keeps its default. */
export function merged(defaults: Readonly<Record<string, unknown>>, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(defaults).map(([name, standard]) => {
    const value = Object.hasOwn(given, name) ? given[name] : standard;
    const isNested =
      typeof standard === "object" && standard !== null && !Array.isArray(standard) && typeof value === "object" && value !== null;
    return [name, isNested ? { ...standard, ...value } : value];
  });
  return Object.fromEntries(entries);
}
