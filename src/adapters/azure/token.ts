import { UscError } from "../../kernel/errors.ts";
import type { OfApplication, Wanted } from "./credential.ts";
import type { Patience } from "./persist.ts";
import type { Environment } from "../network/proxy.ts";
import type { Call, Transport } from "./transport.ts";

export interface Token {
  text: string;
  /** Epoch milliseconds. */
  expires: number;
}

/** What a login may use of the world. */
export interface Ways {
  transport: Transport;
  environment: Environment;
  onCall: ((call: Call) => void) | undefined;
}

/** What would end the header that it goes into is no token. */
export const tokenForm = /^[!-~]{1,20000}$/;

/** A new token, by the one way that the target's connection type names: where that fails no other is tried. Loads the code of that way alone. */
export async function fetchToken(ways: Ways, wanted: Wanted, patience: Patience): Promise<Token> {
  const { credential } = wanted;
  if (credential.type === "managed-identity") {
    return (await import("./managed-identity.ts")).machineToken(ways, wanted, credential, patience);
  }
  if (credential.type === "azure-cli") return (await import("./azure-cli.ts")).cliToken(ways, wanted, credential, patience);
  const { entraToken } = await import("./entra-token.ts");
  return entraToken(ways, wanted, credential, await proverOf(credential), patience);
}

/** Makes the fields that prove the application to the login at this address. Called anew for each request: an assertion is good for one. */
export type Prover = (tokenEndpoint: string, now: number) => Promise<Record<string, string>>;

export async function proverOf(credential: OfApplication): Promise<Prover> {
  if (credential.type === "credentials") return async () => ({ client_secret: credential.secret });
  if (credential.type === "certificate") return (await import("./client-assertion.ts")).certificateProver(credential);
  const { federatedToken } = await import("./federated-token.ts");
  return async () => asserted(federatedToken(credential.file));
}

export const asserted = (assertion: string): Record<string, string> => ({
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: assertion,
});

/** A file that a login needs, and that cannot be used. Its content is never told. */
export const unusableFile = (what: string, why: string, hint: string): UscError => new UscError("usage", `${what} ${why}.`, { hint });
