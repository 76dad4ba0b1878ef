import type { HttpClient, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { UscError } from "../../kernel/errors.ts";
import type { Reply } from "./transport.ts";

/** What is taken of a request that a client of the SDK has built. */
interface Built {
  method: string;
  /** With the query. */
  path: string;
  body?: string;
}

interface Way {
  /** Whose client it is, for our own mistakes. */
  client: string;
  /** The one host that it may ask: a token goes nowhere else. */
  origin: string;
  /** Adds the token. */
  send: (built: Built) => Promise<Reply>;
}

/**
 * One call of a client of the SDK over our transport: the wire's answer, and what the client read in it, if it could. The client builds the request and
 * nothing more: the token is added below it, so that none of its errors, logs or retries ever holds one.
 */
export async function overTransport<Read>(
  { client, origin, send }: Way,
  use: (httpClient: HttpClient) => Promise<Read>,
): Promise<{ reply: Reply; read: Read | undefined }> {
  let reply: Reply | undefined;
  let read: Read | undefined;
  const httpClient: HttpClient = {
    async sendRequest(request) {
      // A poller goes on to look for its effect: that is not this call's business.
      if (reply !== undefined) return answer(request, 404, {}, "{}");
      const { method, body } = request;
      const path = pathAt(origin, request.url);
      if (path === undefined) throw new UscError("internal", `The ${client} client was about to ask another host; nothing was sent.`);
      reply = await send({ method, path, ...(typeof body === "string" ? { body } : {}) });
      return answer(request, reply.status, { "content-type": "application/json" }, reply.body);
    },
  };
  try {
    read = await use(httpClient);
  } catch (error) {
    if (error instanceof UscError) throw error;
    // A refusal reaches us as the reply. Anything else of the SDK's may hold a secret on hidden properties, and ends here.
  }
  if (reply === undefined) throw new UscError("internal", `The ${client} client failed before it sent a request.`);
  return { reply, read };
}

/** As it stands: a parser of whole addresses would fold `..`, and what somebody is called may be that. */
function pathAt(origin: string, url: string): string | undefined {
  const [, to = "", path] = /^(https:\/\/[^/?#]+)(\/[^#]*)$/.exec(url) ?? [];
  return URL.canParse(to) && new URL(to).origin === new URL(origin).origin ? path : undefined;
}

export function answer(request: PipelineRequest, status: number, headers: Record<string, string>, body: string): PipelineResponse {
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
