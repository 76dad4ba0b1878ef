import type { ObjectAdapter } from "../../features/objects/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Store } from "../../kernel/store.ts";
import { verifiedVaults } from "./challenge.ts";
import { pacing } from "./pacing.ts";
import { getDeleted, getSecret, listDeleted, listPages, listVersions } from "./read.ts";
import type { Session } from "./session.ts";
import { tokenCache } from "./token-cache.ts";
import { type Call, transport } from "./transport.ts";

export type { Call } from "./transport.ts";

export interface AzureOptions {
  store: Store;
  clock: Clock;
  /** For HTTPS_PROXY and NO_PROXY only. */
  environment: Readonly<Record<string, string | undefined>>;
  onCall?: ((call: Call) => void) | undefined;
  perRequestMs?: number;
  totalMs?: number;
}

/** Key Vault's secrets behind the port. Reads never load the SDK, and warm ones not the login. */
export function azureObjects(options: AzureOptions): ObjectAdapter {
  const session = openSession(options);
  return {
    pages: (vault, wanted) => listPages(session, vault, wanted),
    get: (vault, name, version) => getSecret(session, vault, name, version),
    deleted: (vault, name) => getDeleted(session, vault, name),
    set: async (vault, name, write) => (await import("./lost-answer.ts")).setSecret(session, vault, name, write),
    delete: async (vault, name) => (await import("./lost-answer.ts")).deleteSecret(session, vault, name),
    versions: (vault, name) => listVersions(session, vault, name),
    deletedPages: (vault, wanted) => listDeleted(session, vault, wanted),
    change: async (vault, name, version, changes) =>
      (await import("./lost-answer.ts")).changeSecret(session, vault, name, version, changes),
    recover: async (vault, name) => (await import("./lost-answer.ts")).recoverSecret(session, vault, name),
    purge: async (vault, name) => (await import("./lost-answer.ts")).purgeSecret(session, vault, name),
  };
}

/** For whom has other questions than an object's. */
export function openSession({ store, clock, environment, onCall, perRequestMs = 10_000, totalMs = 30_000 }: AzureOptions): Session {
  const wire = transport({ environment, clock, onCall });
  const tokens = tokenCache(store, async ({ cloud, target }, patience) =>
    (await import("./token.ts")).fetchToken(wire, cloud, target, patience),
  );
  return { transport: wire, tokens, vaults: verifiedVaults(store), pace: pacing(clock), clock, perRequestMs, totalMs };
}
