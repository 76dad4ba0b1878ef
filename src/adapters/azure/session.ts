import type { Limits, Vault } from "../../features/objects/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { judgeTenant, type Vaults } from "./challenge.ts";
import { claimsOf } from "./claims.ts";
import type { Wanted } from "./credential.ts";
import { lost, unreachable } from "./failures.ts";
import type { Pace } from "./pacing.ts";
import { persist, type Patience } from "./persist.ts";
import type { Token } from "./token.ts";
import type { Tokens } from "./token-cache.ts";
import { type Line, type Reply, requestIdOf, type Transport } from "./transport.ts";

export interface Session {
  transport: Transport;
  /** Past every cache. */
  login: (wanted: Wanted, patience: Patience) => Promise<Token>;
  tokens: Tokens;
  /** Who a target is, for its cloud's vaults. `usage` where the environment is to say so and does not. */
  wanted: (place: Pick<Vault, "cloud" | "target">) => Promise<Wanted>;
  vaults: Vaults;
  pace: Pace;
  clock: Clock;
  perRequestMs: number;
  totalMs: number;
}

export interface Request {
  method: string;
  /** With the query. */
  path: string;
  body?: string | undefined;
  /** What a lost answer leaves unknown, e.g. `whether the secret was written`; absent for a read. */
  effect?: string;
  /** What can be made ready while the handshake is under way. */
  meanwhile?: () => unknown;
}

const limit = 8 * 1024 * 1024;

export function patienceOf(
  { clock, perRequestMs, totalMs }: Pick<Session, "clock" | "perRequestMs" | "totalMs">,
  { limits }: { limits?: Limits | undefined },
): Patience {
  return {
    clock,
    perRequestMs,
    deadline: limits?.deadline ?? clock.now() + totalMs,
    maxRetries: limits?.maxRetries,
  };
}

/** One authorised call. Connects first, so that the handshake runs while the token is unsealed; one request when everything is warm. */
export async function call(session: Session, vault: Vault, request: Request): Promise<Reply> {
  const patience: Patience = { ...patienceOf(session, vault), turn: () => session.pace(vault.url) };
  const withinMs = Math.min(session.perRequestMs, patience.deadline - session.clock.now());
  const dial = (method: string): Line => session.transport(vault.cloud, { method, origin: vault.url, path: request.path, limit, withinMs });
  let waiting: Line | undefined = dial(request.method);
  const connect = (): Line => {
    const line = waiting ?? dial(request.method);
    waiting = undefined;
    return line;
  };
  try {
    await waiting.begun();
    request.meanwhile?.();
    const wanted = await session.wanted(vault);
    const tenant = await session.vaults.verify(
      vault,
      wanted.credential.tenant,
      patience,
      request.method === "GET" ? connect : () => dial("GET"),
    );
    const token = await session.tokens.get(wanted, patience);
    requireTenant(vault, wanted, token.text, tenant);
    const reply = await send(connect, request, token.text, vault, patience);
    if (reply.status !== 401) return reply;
    // Revoked, or of another tenant: one new login, one more try. A token that is new already would only be refused again.
    const again = token.fresh ? reply : await retry(session, connect, request, token.text, { vault, wanted }, patience);
    if (again.status === 401) await session.vaults.forget(vault);
    return again;
  } finally {
    waiting?.drop();
  }
}

/** Whom a machine or az logs in as is not ours to say: its token tells, before the vault sees it. */
function requireTenant(vault: Vault, { credential }: Wanted, token: string, tenant: string): void {
  if (credential.type !== "managed-identity" && credential.type !== "azure-cli") return;
  const own = claimsOf(token).tid;
  if (own !== undefined) judgeTenant(vault, own, tenant);
}

async function retry(
  { tokens }: Session,
  connect: () => Line,
  request: Request,
  refused: string,
  { vault, wanted }: { vault: Vault; wanted: Wanted },
  patience: Patience,
): Promise<Reply> {
  return send(connect, request, (await tokens.get(wanted, patience, refused)).text, vault, patience);
}

async function send(connect: () => Line, { body, effect }: Request, token: string, vault: Vault, patience: Patience): Promise<Reply> {
  const headers: Record<string, string> = { accept: "application/json", authorization: `Bearer ${token}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  const message = body === undefined ? { headers } : { headers, body };
  const kind = effect === undefined ? "read" : "write";
  const { reply, failure } = await persist(patience, kind, (withinMs) => connect().send(message, withinMs));
  if (failure !== undefined) throw unreachable(failure, { origin: vault.url, is: "vault" }, effect);
  if (effect === undefined || tells(reply)) return reply;
  throw lost(`${vault.url} answered with an error of its own (HTTP ${reply.status}).`, effect, requestIdOf(reply));
}

/** Whether the answer to a write says what became of it. A server that failed may have written before; a page of a gateway says nothing. */
function tells({ status, body }: Reply): boolean {
  if (status >= 500) return false;
  return status !== 200 || body.startsWith("{");
}
