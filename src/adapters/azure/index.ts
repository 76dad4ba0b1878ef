import type { CertificateAdapter } from "../../features/objects/certificate-port.ts";
import type { ObjectAdapter } from "../../features/objects/port.ts";
import type { Clock } from "../../kernel/clock.ts";
import { once } from "../../kernel/once.ts";
import type { Store } from "../../kernel/store.ts";
import { verifiedVaults } from "./challenge.ts";
import { credentialOf, type Wanted } from "./credential.ts";
import { pacing } from "./pacing.ts";
import type { Patience } from "./persist.ts";
import type { Environment } from "../network/proxy.ts";
import { getDeleted, getObject, listDeleted, listPages, listVersions, secrets } from "./read.ts";
import type { Session } from "./session.ts";
import { tokenCache } from "./token-cache.ts";
import { type Call, transport } from "./transport.ts";

export type { Call } from "./transport.ts";

export interface AzureOptions {
  store: Store;
  clock: Clock;
  /** For HTTPS_PROXY and NO_PROXY, and for what a target's connection type reads there. */
  environment: Environment;
  onCall?: ((call: Call) => void) | undefined;
  perRequestMs?: number;
  totalMs?: number;
}

export const azureObjects = (options: AzureOptions): ObjectAdapter => azureVaults(options).secrets;

/** Key Vault behind the ports: both kinds of objects over the same connections. */
export function azureVaults(options: AzureOptions): { secrets: ObjectAdapter; certificates: () => Promise<CertificateAdapter> } {
  const session = openSession(options);
  return { secrets: secretsOf(session), certificates: once(async () => (await import("./certificates.ts")).certificatesOf(session)) };
}

/** Reads never load the SDK, and warm ones not the login. */
function secretsOf(session: Session): ObjectAdapter {
  const writes = () => import("./secret-writes.ts");
  return {
    noun: "secret",
    pages: (vault, wanted) => listPages(session, vault, secrets, wanted),
    get: (vault, name, version) => getObject(session, vault, secrets, name, version),
    deleted: (vault, name) => getDeleted(session, vault, secrets, name),
    versions: (vault, name) => listVersions(session, vault, secrets, name),
    deletedPages: (vault, wanted) => listDeleted(session, vault, secrets, wanted),
    set: async (vault, name, write) => (await writes()).setSecret(session, vault, name, write),
    change: async (vault, name, version, changes) => (await writes()).changeSecret(session, vault, name, version, changes),
    delete: async (vault, name) => (await writes()).removal.delete(session, vault, name),
    recover: async (vault, name) => (await writes()).removal.recover(session, vault, name),
    purge: async (vault, name) => (await writes()).removal.purge(session, vault, name),
  };
}

/** For whom has other questions than an object's. */
export function openSession({ store, clock, environment, onCall, perRequestMs = 10_000, totalMs = 30_000 }: AzureOptions): Session {
  const wire = transport({ environment, clock, onCall });
  const ways = { transport: wire, environment, onCall };
  const login = async (wanted: Wanted, patience: Patience) => (await import("./token.ts")).fetchToken(ways, wanted, patience);
  return {
    transport: wire,
    login,
    tokens: tokenCache(store, login),
    wanted: wantedBy(environment),
    vaults: verifiedVaults(store),
    pace: pacing(clock),
    clock,
    perRequestMs,
    totalMs,
  };
}

/** Found out once for each place that is asked: a long list does not look at the environment for each of its pages. */
function wantedBy(environment: Environment): Session["wanted"] {
  const known = new WeakMap<object, Promise<Wanted>>();
  return (place) => {
    const { cloud, target } = place;
    const found =
      known.get(place) ??
      credentialOf(target, cloud, environment).then((credential) => ({ cloud, target, credential, audience: cloud["key-vault-audience"] }));
    known.set(place, found);
    return found;
  };
}
