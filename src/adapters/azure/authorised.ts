import type { Limits } from "../../features/targets/port.ts";
import type { Wanted } from "./credential.ts";
import { type Peer, unreachable } from "./failures.ts";
import { persist } from "./persist.ts";
import { patienceOf, type Session } from "./session.ts";
import type { Reply } from "./transport.ts";

/** Who asks a service beside the vaults, by whose leave. */
export interface Asked {
  session: Session;
  /** With the service's audience. */
  wanted: Wanted;
  limits: Limits | undefined;
}

export interface Asking extends Peer {
  method: string;
  /** With the query. */
  path: string;
  body?: string;
  /** Bytes of body that are read at most. */
  limit: number;
  /** What a lost answer leaves unknown, of a request that must not be sent twice. */
  effect?: string;
}

/** One authorised request. A token that is refused is forgotten, and one more is asked for, unless it was new. */
export async function authorised({ session, wanted, limits }: Asked, asking: Asking): Promise<Reply> {
  const { body, effect } = asking;
  const patience = patienceOf(session, { limits });
  const send = async (token: string): Promise<Reply> => {
    const headers = { accept: "application/json", authorization: `Bearer ${token}` };
    const message = body === undefined ? { headers } : { headers: { ...headers, "content-type": "application/json" }, body };
    const { reply, failure } = await persist(patience, effect === undefined ? "read" : "write", (withinMs) =>
      session.transport(wanted.cloud, { ...asking, withinMs }).send(message, withinMs),
    );
    if (failure !== undefined) throw unreachable(failure, asking, effect);
    return reply;
  };
  const token = await session.tokens.get(wanted, patience);
  const reply = await send(token.text);
  return reply.status !== 401 || token.fresh ? reply : send((await session.tokens.get(wanted, patience, token.text)).text);
}
