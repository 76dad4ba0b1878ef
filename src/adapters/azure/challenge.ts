import * as z from "zod/mini";
import type { Vault } from "../../features/objects/port.ts";
import { UscError } from "../../kernel/errors.ts";
import type { RecordKind, Store } from "../../kernel/store.ts";
import { unreachable } from "./failures.ts";
import { persist, type Patience } from "./persist.ts";
import { requestIdOf, type Reply, type Transport } from "./transport.ts";
import { vaultUrl } from "./vault-url.ts";

const VerifiedVault = z.object({ tenant: z.string() });

const verified: RecordKind<z.infer<typeof VerifiedVault>> = { name: "verified-vaults", noun: "verified vault", schema: VerifiedVault };

const challenge = /^Bearer authorization="https:\/\/([^/"]+)\/([0-9a-zA-Z.-]+)",\s*resource="([^"]+)"/;

// The public cloud's vaults of before 2023 name the older of its two login hosts.
const sameLogin: Readonly<Record<string, string>> = { "login.windows.net": "login.microsoftonline.com" };

const keyOf = ({ url, cloud }: Vault): string => [cloud["authority-host"], cloud["key-vault-audience"], url].join(" ");

/** Whether this vault has been asked before what it wants, and wanted what its cloud says. */
export async function isVerified(store: Store, vault: Vault): Promise<boolean> {
  return (await store.collection(verified).get(keyOf(vault))) !== undefined;
}

/**
 * Asks the vault, without a token, what it wants, and refuses before any login unless that is what the cloud says: its own suffix, audience and
 * authority, and the target's tenant. The challenge can only confirm; it never says where a token goes.
 */
export async function verifyVault(transport: Transport, store: Store, vault: Vault, path: string, patience: Patience): Promise<void> {
  vaultUrl(vault.cloud, { url: vault.url });
  const { reply, failure } = await persist(patience, "read", (withinMs) =>
    transport(vault.cloud, { method: "GET", origin: vault.url, path, limit: 64 * 1024 }).send(
      { headers: { accept: "application/json" } },
      withinMs,
    ),
  );
  if (failure) throw unreachable(failure, vault.url);
  const header = reply.headers["www-authenticate"] ?? "";
  const [, authority = "", tenant = "", resource = ""] = challenge.exec(header) ?? [];
  if (reply.status !== 401 || authority === "") throw notAVault(vault, reply);
  const wanted = { authority: sameLogin[authority.toLowerCase()] ?? authority.toLowerCase(), resource: resource.replace(/\/$/, "") };
  const host = new URL(vault.cloud["authority-host"]).host;
  if (wanted.resource !== vault.cloud["key-vault-audience"] || wanted.authority !== host) {
    throw new UscError(
      "forbidden",
      `${vault.url} asks for a token of another service or login than the cloud ${vault.cloud.name}; none was sent.`,
      {
        hint: "Check the vault's address and the target's cloud.",
        requestId: requestIdOf(reply),
      },
    );
  }
  if (tenant.toLowerCase() !== vault.target["tenant-id"].toLowerCase()) {
    throw new UscError(
      "unauthenticated",
      `${vault.url} belongs to the tenant ${tenant}, and the target ${vault.target.name} to ${vault.target["tenant-id"]}.`,
      {
        hint: "Use a target of the vault's tenant.",
        requestId: requestIdOf(reply),
      },
    );
  }
  const change = store.collection(verified).put(keyOf(vault), { tenant });
  await store.commit([change]).catch(() => {});
}

function notAVault(vault: Vault, reply: Reply): UscError {
  if (reply.status === 429 || reply.status >= 500) {
    return new UscError("unavailable", `${vault.url} is not available at the moment (HTTP ${reply.status}).`, {
      requestId: requestIdOf(reply),
    });
  }
  return new UscError("unavailable", `${vault.url} did not answer as a Key Vault does (HTTP ${reply.status}).`, {
    hint: "Check the vault's address.",
  });
}
