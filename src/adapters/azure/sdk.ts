import type { SecretClientOptions } from "@azure/keyvault-secrets";
import type { Vault } from "../../features/objects/port.ts";
import { answer, overTransport } from "./http-client.ts";
import { serviceVersion } from "./read.ts";
import { call, type Session } from "./session.ts";
import type { Reply } from "./transport.ts";

type ClientOptions = Omit<SecretClientOptions, "serviceVersion"> & { serviceVersion: typeof serviceVersion };

/** Both of the SDK's clients are made alike. */
export type ClientOf<Client> = new (vaultUrl: string, credential: typeof outerCredential, options: ClientOptions) => Client;

/** What the SDK leaves out of a body, or gets wrong. */
type Amendment = Readonly<{ attributes?: object; policy?: object }>;

/** One call of a Key Vault client; resolves with the wire's answer. `amendment` goes over its body, and into the attributes that it has. */
export async function throughSdk<Client>(
  session: Session,
  vault: Vault,
  effect: string,
  client: ClientOf<Client>,
  use: (client: Client) => Promise<unknown>,
  amendment: Amendment = {},
): Promise<Reply> {
  const { reply } = await overTransport(
    {
      client: "Key Vault",
      origin: vault.url,
      send: ({ body, ...built }) =>
        call(session, vault, { ...built, body: body === undefined ? undefined : amended(body, amendment), effect }),
    },
    // A client of its own for each call: parallel first calls of a shared one lose a body.
    async (httpClient) => use(new client(vault.url, outerCredential, { ...options(vault), httpClient })),
  );
  return reply;
}

function amended(body: string, amendment: Amendment): string {
  if (Object.keys(amendment).length === 0) return body;
  const sent: unknown = JSON.parse(body);
  if (typeof sent !== "object" || sent === null) return body;
  const attributes = { ...("attributes" in sent && typeof sent.attributes === "object" ? sent.attributes : {}), ...amendment.attributes };
  return JSON.stringify({ ...sent, ...amendment, ...(Object.keys(attributes).length === 0 ? {} : { attributes }) });
}

/** Satisfies the SDK; the real token never passes it. */
const outerCredential = { getToken: async () => ({ token: "added-by-the-transport", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };

function options({ cloud, target }: Vault): ClientOptions {
  const challenge = `Bearer authorization="${cloud["authority-host"]}/${target["tenant-id"] ?? "common"}", resource="${cloud["key-vault-audience"]}"`;
  return {
    serviceVersion,
    // Both are done below: the challenge is verified and the retries are made where every request passes.
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [
      {
        position: "perRetry",
        // Answers the SDK's anonymous first request from what is known, so that only the authorised one reaches the network.
        policy: {
          name: "localChallenge",
          sendRequest: async (request, next) =>
            request.headers.has("authorization") ? next(request) : answer(request, 401, { "www-authenticate": challenge }, ""),
        },
      },
    ],
  };
}
