import { randomUUID } from "node:crypto";
import { userErrors } from "./entra-user-errors.ts";
import type { Answer } from "./room.ts";

/** What Entra says, word for word. Status and `error` belong to the number. */
export interface Refusal {
  status: number;
  error: string;
  number: number;
  text: string;
}

export const entraErrors = {
  wrongSecret: (app: string): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 7000215,
    text: `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app}'.`,
  }),
  expiredSecret: (app: string): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 7000222,
    text: `The provided client secret keys for app '${app}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`,
  }),
  /** This one's status and `error` are a guess. */
  malformedAssertion: (): Refusal => ({
    status: 400,
    error: "invalid_request",
    number: 50027,
    text: "JWT token is invalid or malformed.",
  }),
  unknownCertificate: (app: string, thumbprint: string): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 700027,
    text: `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '${thumbprint}', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${app}'.]`,
  }),
  badSignature: (thumbprint: string): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 700027,
    text: `Client assertion failed signature validation. [Reason - The key was found, but use of the key to verify the signature failed., Thumbprint of key used by client: '${thumbprint}']`,
  }),
  expiredCertificate: (thumbprint: string, from: Date, to: Date): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 700027,
    text: `Client assertion contains an invalid signature. [Reason - The key used is expired., Thumbprint of key used by client: '${thumbprint}', Found key 'Start=${american(from)}, End=${american(to)}']`,
  }),
  wrongAssertionAudience: (): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 700023,
    text: "Client assertion audience claim does not match Realm issuer. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .",
  }),
  assertionOutOfTime: (now: number, nbf: unknown, exp: unknown): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 700024,
    text: `Client assertion is not within its valid time range. Current time: ${instant(now / 1000)}, assertion valid from ${instant(nbf)}, expiry time of assertion ${instant(exp)}. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .`,
  }),
  noFederation: (app: string, name: string): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 70025,
    text: `The client '${app}'(${name}) has no configured federated identity credentials.`,
  }),
  noFederatedMatch: (what: keyof typeof federatedNumbers, found: string): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: federatedNumbers[what],
    text: `No matching federated identity record found for presented assertion ${what} '${found}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation`,
  }),
  /** The number is a guess. */
  badFederatedSignature: (kid: string): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 50013,
    text: `Assertion failed signature validation. [Reason - The key was not found., Key ID: '${kid}']`,
  }),
  noCredential: (): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 7000216,
    text: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  }),
  unknownApplication: (app: string, tenant: string): Refusal => ({
    status: 400,
    error: "unauthorized_client",
    number: 700016,
    text: `Application with identifier '${app}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  }),
  /** `invalid_client` is from reports (azure-sdk-for-net#46762); that its status is 401 is a guess. */
  noServicePrincipal: (app: string, tenant: string): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 7000229,
    text: `The client application ${app} is missing service principal in the tenant ${tenant}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`,
  }),
  ...userErrors,
  /** The status is a guess: reports quote error and text alone (Worklytics/psoxy#74). */
  disabledApplication: (app: string, name: string): Refusal => ({
    status: 400,
    error: "unauthorized_client",
    number: 7000112,
    text: `Application '${app}'(${name}) is disabled.`,
  }),
  unknownTenant: (tenant: string): Refusal => ({
    status: 400,
    error: "invalid_tenant",
    number: 90002,
    text: `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  }),
  missing: (parameter: string): Refusal => ({
    status: 400,
    error: "invalid_request",
    number: 900144,
    text: `The request body must contain the following parameter: '${parameter}'.`,
  }),
  badScope: (scope: string): Refusal => ({
    status: 400,
    error: "invalid_scope",
    number: 1002012,
    text: `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
  }),
  unknownResource: (resource: string, tenant: string): Refusal => ({
    status: 400,
    error: "invalid_resource",
    number: 500011,
    text: `The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
  }),
  unsupportedGrant: (grant: string): Refusal => ({
    status: 400,
    error: "unsupported_grant_type",
    number: 70003,
    text: `The app requested an unsupported grant type '${grant}'.`,
  }),
} as const;

const federatedNumbers = { issuer: 700211, audience: 700212, subject: 700213 } as const;

/** `08/03/2016 09:13:33` */
function american(date: Date): string {
  const [, year = "", month = "", day = "", time = ""] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(date.toISOString()) ?? [];
  return `${month}/${day}/${year} ${time}`;
}

function instant(seconds: unknown): string {
  const date = new Date(typeof seconds === "number" ? seconds * 1000 : Number.NaN);
  return Number.isNaN(date.getTime()) ? "?" : date.toISOString();
}

export function entraFailure(refusal: Refusal, call: { now: number; requestId: string; correlationId: string | undefined }): Answer {
  const timestamp = `${new Date(call.now).toISOString().slice(0, 19).replace("T", " ")}Z`;
  const correlation = call.correlationId ?? randomUUID();
  return {
    status: refusal.status,
    body: {
      error: refusal.error,
      error_description: `AADSTS${refusal.number}: ${refusal.text}\r\nTrace ID: ${call.requestId}\r\nCorrelation ID: ${correlation}\r\nTimestamp: ${timestamp}`,
      error_codes: [refusal.number],
      timestamp,
      trace_id: call.requestId,
      correlation_id: correlation,
      error_uri: `https://login.microsoftonline.com/error?code=${refusal.number}`,
    },
  };
}
