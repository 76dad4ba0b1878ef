import type { Vault } from "../../features/objects/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Store } from "../../kernel/store.ts";
import { isVerified, verifyVault } from "./challenge.ts";
import { unreachable } from "./failures.ts";
import { persist, type Patience } from "./persist.ts";
import { fetchToken } from "./token.ts";
import { cachedToken, keepToken } from "./token-cache.ts";
import type { Line, Reply, Transport } from "./transport.ts";

export interface Session {
  transport: Transport;
  store: Store;
  clock: Clock;
  perRequestMs: number;
  totalMs: number;
}

export interface Request {
  method: "GET" | "PUT" | "DELETE";
  /** With the query. */
  path: string;
  body?: string;
  /** What a lost answer leaves unknown, e.g. `whether the secret was written`; absent for a read. */
  effect?: string;
}

const limit = 8 * 1024 * 1024;

/** One authorised call. Connects first, so that the handshake runs while the token is unsealed; one request when everything is warm. */
export async function call(session: Session, vault: Vault, request: Request): Promise<Reply> {
  const patience: Patience = { clock: session.clock, deadline: session.clock.now() + session.totalMs, perRequestMs: session.perRequestMs };
  const connect = (): Line => session.transport(vault.cloud, { method: request.method, origin: vault.url, path: request.path, limit });
  const first = connect();
  const opened = await open(session, vault, request.path, patience).catch((error: unknown) => {
    first.drop();
    throw error;
  });
  const reply = await send(first, connect, request, opened.token, vault, patience);
  // A token that was revoked, or is another tenant's: one new login, one more try.
  if (reply.status !== 401 || opened.fresh) return reply;
  return send(connect(), connect, request, await login(session, vault, patience), vault, patience);
}

async function open(session: Session, vault: Vault, path: string, patience: Patience): Promise<{ token: string; fresh: boolean }> {
  if (!(await isVerified(session.store, vault))) await verifyVault(session.transport, session.store, vault, path, patience);
  const token = await cachedToken(session.store, vault, session.clock.now());
  return token === undefined ? { token: await login(session, vault, patience), fresh: true } : { token, fresh: false };
}

async function login(session: Session, vault: Vault, patience: Patience): Promise<string> {
  const token = await fetchToken(session.transport, vault.cloud, vault.target, patience);
  await keepToken(session.store, vault, token);
  return token.text;
}

async function send(
  first: Line,
  connect: () => Line,
  { body, effect }: Request,
  token: string,
  vault: Vault,
  patience: Patience,
): Promise<Reply> {
  const headers: Record<string, string> = { accept: "application/json", authorization: `Bearer ${token}` };
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    headers["content-length"] = String(Buffer.byteLength(body));
  }
  let line: Line | undefined = first;
  const { reply, failure } = await persist(patience, effect === undefined ? "read" : "write", (withinMs) => {
    const current = line ?? connect();
    line = undefined;
    return current.send(body === undefined ? { headers } : { headers, body }, withinMs);
  });
  if (failure) throw unreachable(failure, vault.url, effect);
  return reply;
}
