import type { Clock } from "./clock.ts";
import type { Directory } from "./directory.ts";
import { admit } from "./admission.ts";
import type { RoleBook } from "./roles.ts";
import { BodyTooLarge, findRoute, type Answer, type Ask, type Room } from "./room.ts";
import type { Settings } from "./settings.ts";
import { createThrottle } from "./throttle.ts";
import { checkToken, issuerOf, type Caller, type Signer } from "./token.ts";
import { failureBody, VaultFailure, vaultErrors } from "./vault-errors.ts";
import { certificateRoutes } from "./vault-certificates.ts";
import { nameShape } from "./vault-input.ts";
import { importRoute } from "./vault-import.ts";
import { deletedCertificateRoutes } from "./vault-deleted-certificates.ts";
import { issuerRoutes } from "./vault-issuers.ts";
import { keyRoutes } from "./vault-keys.ts";
import { pendingRoutes } from "./vault-pending.ts";
import { secretRoutes } from "./vault-secrets.ts";
import type { VaultState } from "./vault-state.ts";

const audience = "https://vault.azure.net";
const region = "eastus";
const routes = [
  ...secretRoutes,
  ...issuerRoutes,
  importRoute,
  ...pendingRoutes,
  ...certificateRoutes,
  ...deletedCertificateRoutes,
  ...keyRoutes,
];

interface VaultHouse {
  directory: Directory;
  signer: Signer;
  clock: Clock;
  settings: Settings;
  roles: RoleBook;
  vaults: ReadonlyMap<string, VaultState>;
  backupKey: Buffer;
  /** Where the challenge sends callers that used local names. */
  authorityHost(): string;
}

/** The data plane of all vaults. As in Azure the token is looked at first, the body last. */
export function createVaultRoom(house: VaultHouse): Room {
  const takes = createThrottle();
  return async (ask) => {
    let answer: Answer;
    try {
      answer = await serve(house, takes, ask);
    } catch (error) {
      answer = answerFailure(house, ask, error instanceof BodyTooLarge ? vaultErrors.tooLarge() : error);
    }
    return { ...answer, headers: { ...headersFor(ask), ...answer.headers } };
  };
}

async function serve(house: VaultHouse, takes: ReturnType<typeof createThrottle>, ask: Ask): Promise<Answer> {
  const name = ask.origin.place.is === "vault" ? ask.origin.place.vault : "";
  const vault = house.vaults.get(name);
  if (vault === undefined) throw vaultErrors.unknownVault(name);
  const now = house.clock.now();
  const caller = authenticate(house, ask, now);
  checkApiVersion(ask.query.get("api-version"));
  if (!takes(vault.name, now, house.settings.perTenSeconds)) throw vaultErrors.throttled();

  const found = findRoute(routes, ask.method, ask.path);
  if (found === undefined) throw vaultErrors.unknownRoute(ask.method, ask.path);
  const { name: object = "", version = "" } = found.params;
  if (found.route.path.includes("{name}") && !nameShape.test(object)) throw vaultErrors.badName(object);
  admit({ caller, vault, region, subscriptionId: house.directory.subscriptionId, route: found.route, name: object, now }, house.roles);

  const answer = await found.route.run({
    ask,
    vault,
    name: object,
    version,
    now,
    settings: house.settings,
    view: { base: ask.origin.base, purgeProtection: vault.properties.purgeProtection },
    region,
    backupKey: house.backupKey,
  });
  return vault.properties.access === "rbac" ? { ...answer, headers: { ...rbacHeaders, ...answer.headers } } : answer;
}

/** Which assignment let the caller in, and how old what Key Vault knew of it was, in seconds. */
const rbacHeaders = {
  "x-ms-keyvault-rbac-assignment-id": "0cc3cf84-3de1-5005-ab06-0ef4d04fa1de",
  "x-ms-keyvault-rbac-cache": "ra_age=0;da_age=0;rd_age=0;brd_age=0;ra_notif_age=0;dec_lev=1;",
};

function authenticate(house: VaultHouse, ask: Ask, now: number): Caller {
  const token = /^Bearer ([^\s]+)$/i.exec(ask.header("authorization") ?? "")?.[1];
  if (token === undefined) throw vaultErrors.noToken();
  const { signer, directory } = house;
  const check = checkToken(token, { signer, tenantId: directory.tenantId, audience, now });
  if (check.ok) return check.caller;
  if (check.why === "issuer") throw vaultErrors.wrongIssuer(issuerOf(directory.tenantId), check.found);
  if (check.why === "audience") throw vaultErrors.wrongAudience(audience, check.found);
  throw vaultErrors.badToken(check.why);
}

/** 7.0 and whatever came or comes after it: `7.6-preview.2`, `2025-07-01`, `2026-04-01`. Only what is older is unknown. */
function checkApiVersion(version: string | null): void {
  if (version === null || version === "") throw vaultErrors.noApiVersion();
  const dated = /^(20[0-9]{2}-[01][0-9]-[0-3][0-9])(?:-preview(?:\.[0-9]+)?)?$/.exec(version)?.[1];
  const isKnown =
    dated === undefined ? /^(?:[7-9]|[1-9][0-9])\.[0-9]{1,2}(?:-preview(?:\.[0-9]+)?)?$/.test(version) : dated >= "2025-01-01";
  if (!isKnown) throw vaultErrors.unknownApiVersion(version);
}

function answerFailure(house: VaultHouse, ask: Ask, error: unknown): Answer {
  if (!(error instanceof VaultFailure)) throw error;
  const answer = { status: error.status, body: failureBody(error) };
  if (error.status === 401) return { ...answer, headers: { "www-authenticate": challenge(house, ask) } };
  const { retryAfter } = house.settings;
  return error.status === 429 && retryAfter !== undefined ? { ...answer, headers: { "retry-after": String(retryAfter) } } : answer;
}

function challenge(house: VaultHouse, ask: Ask): string {
  const host = ask.origin.real ? "https://login.microsoftonline.com" : house.authorityHost();
  const head = `Bearer authorization="${host}/${house.directory.tenantId}", resource="${audience}"`;
  return ask.header("authorization") === undefined ? head : `${head}, error="invalid_token"`;
}

function headersFor(ask: Ask): Record<string, string> {
  const clientRequestId = ask.header("x-ms-client-request-id");
  return {
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    "strict-transport-security": "max-age=31536000;includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-ms-keyvault-region": region,
    "x-ms-keyvault-service-version": "1.9.2497.1",
    "x-ms-keyvault-network-info": "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;",
    "x-ms-request-id": ask.requestId,
    ...(clientRequestId === undefined ? {} : { "x-ms-client-request-id": clientRequestId }),
  };
}
