import { checkSecret } from "./client-secrets.ts";
import type { Clock } from "./clock.ts";
import { findServicePrincipal, type Application, type Directory } from "./directory.ts";
import { assertionType, checkAssertion } from "./entra-assertions.ts";
import { entraErrors, type Refusal } from "./entra-errors.ts";
import type { Ask } from "./room.ts";
import type { Settings } from "./settings.ts";
import { graphAudiences, type Signer } from "./token.ts";

export interface Entra {
  directory: Directory;
  signer: Signer;
  clock: Clock;
  settings: Settings;
}

/** What a client sent to the token endpoint. */
export interface Login {
  entra: Entra;
  ask: Ask;
  tenant: string;
  now: number;
  given(name: string): string;
}

/** The resources that this tenant knows. */
export const audiences: ReadonlySet<string> = new Set([
  "https://vault.azure.net",
  ...graphAudiences,
  "https://management.azure.com",
  "https://management.azure.com/",
  "https://management.core.windows.net",
  "https://management.core.windows.net/",
]);

/** "https://management.core.windows.net//.default" is real: that audience ends in a slash. */
export function audienceIn({ given }: Login): string | undefined {
  const scope = given("scope")
    .split(" ")
    .find((part) => part.endsWith("/.default"));
  return scope?.slice(0, -"/.default".length);
}

/** A secret, or an assertion, which may name the tenant's addresses as Azure writes them or as they are here. */
export function checkClient({ entra, ask, now, given }: Login, application: Application): Refusal | undefined {
  const { directory } = entra;
  if (given("client_assertion") !== "") {
    if (given("client_assertion_type") !== assertionType) return entraErrors.missing("client_assertion_type");
    const heads = [ask.origin.base, "https://login.microsoftonline.com"].map((host) => `${host}/${directory.tenantId}`);
    const known = heads.flatMap((head) => [`${head}/oauth2/v2.0/token`, `${head}/v2.0`]);
    return checkAssertion(given("client_assertion"), { application, audiences: known, now });
  }
  if (given("client_secret") === "") return entraErrors.noCredential();
  const principal = findServicePrincipal(directory, application.clientId, now);
  const outcome = checkSecret([...application.secrets, ...(principal?.secrets ?? [])], given("client_secret"), now);
  if (outcome === "wrong") return entraErrors.wrongSecret(application.clientId);
  return outcome === "expired" ? entraErrors.expiredSecret(application.clientId) : undefined;
}
