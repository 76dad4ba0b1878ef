import { generateKeyPairSync } from "node:crypto";
import { keyPemOf } from "./certificate.ts";
import { authorityOf, type Issuer } from "./certificate-issuers.ts";
import { epochSeconds } from "./clock.ts";
import type { Answer } from "./room.ts";
import { ok, paged, type VaultCall, type VaultRoute } from "./vault-call.ts";
import { VaultFailure, vaultErrors } from "./vault-errors.ts";
import { asObject, parseBody } from "./vault-input.ts";

/** The certificate authorities that a vault may ask by name. Whatever the provider is called, a key of the local Azure's signs. */
export const issuerRoutes: readonly VaultRoute[] = [
  { method: "GET", path: "/certificates/issuers", action: "certificatecas/read", permission: "certificates listissuers", run: list },
  { method: "PUT", path: "/certificates/issuers/{name}", action: "certificatecas/write", permission: "certificates setissuers", run: set },
  { method: "GET", path: "/certificates/issuers/{name}", action: "certificatecas/read", permission: "certificates getissuers", run: get },
  {
    method: "DELETE",
    path: "/certificates/issuers/{name}",
    action: "certificatecas/delete",
    permission: "certificates deleteissuers",
    run: remove,
  },
];

async function set({ ask, vault, name, now, view }: VaultCall): Promise<Answer> {
  const body = parseBody(await ask.readBody());
  const { provider } = body;
  if (typeof provider !== "string" || provider === "") throw vaultErrors.badParameter("Property provider has invalid value\r\n");
  const before = vault.issuers.get(name.toLowerCase());
  const at = epochSeconds(now);
  const accountId = asObject(body["credentials"])?.["account_id"];
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keyPem = before?.keyPem ?? keyPemOf(privateKey);
  const issuer: Issuer = {
    name,
    provider,
    ...(typeof accountId === "string" ? { accountId } : {}),
    keyPem,
    cer: before?.cer ?? authorityOf(name, keyPem),
    created: before?.created ?? at,
    updated: at,
  };
  vault.issuers.set(name.toLowerCase(), issuer);
  return ok(shown(view.base, issuer));
}

function get({ vault, name, view }: VaultCall): Answer {
  return ok(shown(view.base, issuerIn(vault, name)));
}

function remove({ vault, name, view }: VaultCall): Answer {
  const issuer = issuerIn(vault, name);
  vault.issuers.delete(name.toLowerCase());
  return ok(shown(view.base, issuer));
}

function list(call: VaultCall): Answer {
  const rows = [...call.vault.issuers.entries()].sort(([left], [right]) => (left < right ? -1 : 1));
  return paged(
    call,
    "/certificates/issuers",
    rows,
    ([key]) => key,
    ([, { name, provider }]) => ({ id: `${call.view.base}/certificates/issuers/${name}`, provider }),
  );
}

/** The code is recorded, the words are a guess. */
export function issuerIn(vault: VaultCall["vault"], name: string): Issuer {
  const issuer = vault.issuers.get(name.toLowerCase());
  if (issuer === undefined) throw new VaultFailure(404, "CertificateIssuerNotFound", `Issuer not found: ${name}`);
  return issuer;
}

/** Never its password, and nothing of its key. */
function shown(base: string, { name, provider, accountId, created, updated }: Issuer): object {
  return {
    id: `${base}/certificates/issuers/${name}`,
    provider,
    credentials: accountId === undefined ? undefined : { account_id: accountId },
    attributes: { enabled: true, created, updated },
  };
}
