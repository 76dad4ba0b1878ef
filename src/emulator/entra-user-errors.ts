import type { Refusal } from "./entra-errors.ts";

const grant = (number: number, text: string): Refusal => ({ status: 400, error: "invalid_grant", number, text });

/** What Entra says to a user's name and password. Only 50126 is recorded with its status; the others are quoted from reports. */
export const userErrors = {
  wrongPassword: (): Refusal => grant(50126, "Error validating credentials due to invalid username or password."),
  /** Entra writes this word in the place of the name. */
  unknownUser: (tenant: string): Refusal =>
    grant(
      50034,
      `The user account {EmailHidden} does not exist in the ${tenant} directory. To sign into this application, the account must be added to the directory.`,
    ),
  disabledUser: (): Refusal => grant(50057, "The user account is disabled."),
  /** Also for a password that must be changed at the next login. */
  passwordExpired: (): Refusal => grant(50055, "The password is expired."),
  secondFactor: (resource: string): Refusal =>
    grant(
      50076,
      `Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '${resource}'.`,
    ),
  blockedByPolicy: (): Refusal =>
    grant(53003, "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."),
  notPublic: (): Refusal => ({
    status: 401,
    error: "invalid_client",
    number: 7000218,
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  }),
} as const;
