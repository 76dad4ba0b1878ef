import type { SecretClientOptions } from "@azure/keyvault-secrets";
import type { Vault } from "../../features/objects/port.ts";
import { UscError } from "../../kernel/errors.ts";
import { serviceVersion } from "./read.ts";
import { call, type Session } from "./session.ts";
import type { Reply } from "./transport.ts";

type HttpClient = NonNullable<SecretClientOptions["httpClient"]>;
type SdkRequest = Parameters<HttpClient["sendRequest"]>[0];
type SdkResponse = Awaited<ReturnType<HttpClient["sendRequest"]>>;

type ClientOptions = Omit<SecretClientOptions, "serviceVersion"> & { serviceVersion: typeof serviceVersion };

/** Both of the SDK's clients are made alike. */
export type ClientOf<Client> = new (vaultUrl: string, credential: typeof outerCredential, options: ClientOptions) => Client;

/** What the SDK leaves out of a body, or gets wrong. */
type Amendment = Readonly<{ attributes?: object; policy?: object }>;

/**
 * One call of the SDK over our transport; resolves with the wire's answer. The SDK builds the request and nothing more: the token is added below
 * it, so that none of its errors, logs or retries ever holds one. `amendment` goes over its body, and into the attributes that it has.
 */
export async function throughSdk<Client>(
  session: Session,
  vault: Vault,
  effect: string,
  client: ClientOf<Client>,
  use: (client: Client) => Promise<unknown>,
  amendment: Amendment = {},
): Promise<Reply> {
  let reply: Reply | undefined;
  const httpClient: HttpClient = {
    async sendRequest(request) {
      // A poller goes on to look for its effect: that is not this call's business.
      if (reply !== undefined) return answer(request, 404, {}, "{}");
      const { pathname, search } = new URL(request.url);
      const body = typeof request.body === "string" ? amended(request.body, amendment) : undefined;
      reply = await call(session, vault, { method: request.method, path: `${pathname}${search}`, body, effect });
      return answer(request, reply.status, { "content-type": "application/json" }, reply.body);
    },
  };
  try {
    // A client of its own for each call: parallel first calls of a shared one lose a body.
    await use(new client(vault.url, outerCredential, { ...options(vault), httpClient }));
  } catch (error) {
    if (error instanceof UscError) throw error;
    // A refusal reaches us as the reply. Anything else of the SDK's may hold the value on hidden properties, and ends here.
  }
  if (reply === undefined) throw new UscError("internal", "The Key Vault client failed before it sent a request.");
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

function answer(request: SdkRequest, status: number, headers: Record<string, string>, body: string): SdkResponse {
  const held = new Map(Object.entries(headers));
  return {
    request,
    status,
    bodyAsText: body,
    headers: {
      get: (name) => held.get(name.toLowerCase()),
      has: (name) => held.has(name.toLowerCase()),
      set: (name, value) => void held.set(name.toLowerCase(), String(value)),
      delete: (name) => void held.delete(name.toLowerCase()),
      toJSON: () => Object.fromEntries(held),
      [Symbol.iterator]: () => held[Symbol.iterator](),
    },
  };
}
