import * as z from "zod/mini";
import { once } from "../../kernel/once.ts";
import type { Vault } from "../../features/objects/port.ts";
import type { Wish } from "../../features/targets/port.ts";
import { UscError } from "../../kernel/errors.ts";
import type { Collection, RecordKind, Store } from "../../kernel/store.ts";
import { refusal, refusalCodes } from "./errors.ts";
import { unreachable } from "./failures.ts";
import { persist, type Patience } from "./persist.ts";
import { requestIdOf, type Line, type Reply } from "./transport.ts";
import { parseOrigin, vaultUrl } from "./vault-url.ts";

const VerifiedVault = once(() => z.object({ tenant: z.string() }));

export const records: RecordKind<z.infer<ReturnType<typeof VerifiedVault>>> = {
  name: "verified-vaults",
  noun: "verified vault",
  schema: VerifiedVault,
};

// Whole and strict: with a parameter twice, or one more, two readers could disagree on what is asked for.
const challenge = /^Bearer authorization="(https:\/\/[^/"]+)\/([0-9a-zA-Z.-]+)",\s*resource="([^"]+)"$/;

// The older of a cloud's two login hosts, as some vaults still name it.
const olderLogins: Readonly<Record<string, string>> = {
  "login.windows.net": "login.microsoftonline.com",
  "login.chinacloudapi.cn": "login.partner.microsoftonline.cn",
};

export interface Vaults {
  /**
   * Before a token first goes to a vault: asks it, without one, what it wants, and refuses before any login unless that is what the cloud says: its
   * own suffix, audience and authority, and `own`, the target's tenant, if it states one. The challenge can only confirm; it never says where a token
   * goes. Resolves with the vault's tenant.
   */
  verify(vault: Vault, own: string | undefined, patience: Patience, connect: () => Line): Promise<string>;
  /** A vault that refuses a new token may have moved to another tenant. */
  forget(vault: Vault): Promise<void>;
}

export function verifiedVaults(store: Store): Vaults {
  const known = new Map<string, string>();
  const collection = (): Collection<z.infer<ReturnType<typeof VerifiedVault>>> => store.collection(records);
  return {
    async verify(vault, own, patience, connect) {
      const key = keyOf(vault);
      const fits = (tenant: string | undefined): tenant is string =>
        tenant !== undefined && (own === undefined || tenant === own.toLowerCase());
      const inMemory = known.get(key);
      if (fits(inMemory)) return inMemory;
      vaultUrl(vault.cloud, { url: vault.url });
      const stored = await collection()
        .get(key)
        .catch(() => undefined);
      let tenant = stored?.value.tenant;
      if (!fits(tenant)) {
        const asked = await ask(vault, patience, connect);
        judge(vault, own, asked);
        tenant = asked.tenant.toLowerCase();
        await store.commit([collection().put(key, { tenant })]).catch(() => {});
      }
      known.set(key, tenant);
      return tenant;
    },
    async forget(vault) {
      known.delete(keyOf(vault));
      await store.commit([collection().remove(keyOf(vault))]).catch(() => {});
    },
  };
}

const keyOf = ({ url, cloud }: Vault): string => [cloud["authority-host"], cloud["key-vault-audience"], url].join(" ");

/** Where a token would go, and as whom: all that a challenge is judged by. */
type Place = Pick<Vault, "url" | "cloud" | "target">;

interface Asked extends Wish {
  requestId: string | undefined;
}

/** What the vault asks a caller without a token for. */
export async function ask(place: Place, patience: Patience, connect: () => Line): Promise<Asked> {
  const headers = { accept: "application/json" };
  const { reply, failure } = await persist(patience, "read", (withinMs) => connect().send({ headers }, withinMs));
  if (failure !== undefined) throw unreachable(failure, { origin: place.url, is: "vault" });
  const [, login, tenant = "", audience = ""] = challenge.exec(reply.headers["www-authenticate"] ?? "") ?? [];
  if (reply.status !== 401 || login === undefined) throw notAVault(place, reply);
  return { login, tenant, audience, requestId: requestIdOf(reply) };
}

/** Refuses what is not the cloud's, or not the target's: `own` is its tenant, where that is known. */
export function judge(place: Place, own: string | undefined, { login, tenant, audience, requestId }: Asked): void {
  const { url, cloud } = place;
  if (withoutSlash(audience) !== withoutSlash(cloud["key-vault-audience"]) || !sameLogin(login, cloud["authority-host"])) {
    throw new UscError("forbidden", `${url} asks for a token of another service or login than the cloud ${cloud.name}; none was sent.`, {
      requestId,
      hint: "Check the vault's address and the target's cloud.",
    });
  }
  if (own !== undefined) judgeTenant(place, own, tenant, requestId);
}

/** `own`: what the target states, or what its token says where it states nothing. */
export function judgeTenant({ url, target }: Place, own: string, tenant: string, requestId?: string): void {
  if (tenant.toLowerCase() === own.toLowerCase()) return;
  throw new UscError("unauthenticated", `${url} belongs to the tenant ${tenant}, and the target ${target.name} to ${own}.`, {
    requestId,
    hint: "Use a target of the vault's tenant.",
  });
}

const withoutSlash = (url: string): string => url.replace(/\/$/, "");

/** Whether two addresses are one login, also by its older name. */
export function sameLogin(one: string, other: string): boolean {
  const login = loginOf(one);
  return login !== "" && login === loginOf(other);
}

function loginOf(authority: string): string {
  const origin = parseOrigin(withoutSlash(authority));
  return origin === undefined ? "" : `${olderLogins[origin.host] ?? origin.host}:${origin.port}`;
}

function notAVault(place: Place, reply: Reply): UscError {
  const details = { requestId: requestIdOf(reply) };
  // What Key Vault and the local Azure can say to a caller without a token.
  if (reply.status === 429 || reply.status >= 500 || refusalCodes(reply).code === "VaultNotFound") return refusal(reply, place);
  return new UscError("unavailable", `${place.url} did not answer as a Key Vault does (HTTP ${reply.status}).`, {
    ...details,
    hint: "Check the vault's address.",
  });
}
