import type { Answer } from "./room.ts";

/** What a machine's identity endpoint says, word for word; a proxy in front of it is the mark of a forged request. */
export const imdsErrors = {
  noHeader: () => imds("invalid_request", "Required metadata header not specified"),
  forwarded: () => imds("invalid_request", "Request contains the X-Forwarded-For header, which is not allowed"),
  noApiVersion: () => imds("invalid_request", "Required query variable 'api-version' is missing"),
  noResource: () => imds("invalid_request", "Required audience parameter not specified"),
  manySelectors: () => imds("invalid_request", "Multiple user assigned identity parameters were specified"),
  unknownIdentity: () => imds("invalid_request", "Identity not found"),
  unknownResource: (resource: string, tenant: string) =>
    imds(
      "invalid_resource",
      `AADSTS500011: The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
    ),
} as const;

/** What App Service says. Of these only the unknown identity, and a wrong resource as 500, are known from reports. */
export const appServiceErrors = {
  noHeader: () => appService(401, "The X-IDENTITY-HEADER of the request is missing or wrong."),
  noApiVersion: () => appService(400, "Unsupported API version. The api-version must be 2019-08-01."),
  noResource: () => appService(400, "Required query parameter 'resource' is missing."),
  manySelectors: () => appService(400, "More than one of client_id, principal_id and mi_res_id is given."),
  unknownIdentity: () =>
    appService(400, "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."),
  unknownResource: () => appService(500, "An unexpected error occured while fetching the AAD Token."),
} as const;

function imds(error: string, description: string): Answer {
  return { status: 400, body: { error, error_description: description } };
}

function appService(statusCode: number, message: string): Answer {
  return { status: statusCode, body: { statusCode, message } };
}
