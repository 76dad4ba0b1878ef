import { randomBytes } from "node:crypto";
import { epochSeconds } from "./clock.ts";
import { vaultErrors } from "./vault-errors.ts";
import { propertiesFor, type VaultProperties } from "./vault-properties.ts";

/**
 * Terminology.
 * Secret: all versions under one name. Phase: where the secret stands between life and purge; `until` is epoch milliseconds.
 * Deleting: gone from the live ones, not yet among the deleted. Recovering and purging: still in the way of a new secret of that name.
 */
export interface VaultState {
  name: string;
  properties: VaultProperties;
  /** By lower-case name: names differ in case only for the eye. */
  secrets: Map<string, Secret>;
}

export interface Secret {
  name: string;
  /** Oldest first. Never empty. */
  versions: SecretVersion[];
  phase: Phase;
  deletedDate?: number;
  scheduledPurgeDate?: number;
  /** The secret behind a certificate. */
  managed?: true;
}

type Phase = { is: "live" } | { is: "deleting"; until: number } | { is: "deleted" } | { is: "recovering" | "purging"; until: number };

export interface SecretContent {
  value: string;
  contentType?: string;
  tags?: Record<string, string>;
  enabled: boolean;
  nbf?: number;
  exp?: number;
}

export interface SecretVersion extends SecretContent {
  id: string;
  created: number;
  updated: number;
}

export interface Delays {
  delete: number;
  recover: number;
  purge: number;
}

export const recoverableDays = 90;

/** As in Azure, whoever makes a vault may do everything in it. */
export function createVault(name: string, owner: string): VaultState {
  return { name, properties: propertiesFor(owner), secrets: new Map() };
}

/** The secret as it stands at `now`: phases end by themselves. */
export function findSecret(vault: VaultState, name: string, now: number): Secret | undefined {
  const key = name.toLowerCase();
  const secret = vault.secrets.get(key);
  if (secret === undefined) return undefined;
  const { phase } = secret;
  if (phase.is === "deleting" && now >= phase.until) secret.phase = { is: "deleted" };
  if (phase.is === "recovering" && now >= phase.until) {
    secret.phase = { is: "live" };
    delete secret.deletedDate;
    delete secret.scheduledPurgeDate;
  }
  const retentionIsOver = secret.phase.is === "deleted" && epochSeconds(now) >= (secret.scheduledPurgeDate ?? Infinity);
  if ((phase.is === "purging" && now >= phase.until) || retentionIsOver) {
    vault.secrets.delete(key);
    return undefined;
  }
  return secret;
}

/** In the order of the service's lists: by name, without regard to case. */
export function secretsIn(vault: VaultState, phase: "live" | "deleted", now: number): Secret[] {
  const found: [string, Secret][] = [];
  for (const key of vault.secrets.keys()) {
    const secret = findSecret(vault, key, now);
    const shown = phase === "live" ? secret?.phase.is === "live" : secret?.phase.is === "deleted" || secret?.phase.is === "recovering";
    if (secret !== undefined && shown) found.push([key, secret]);
  }
  return found.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, secret]) => secret);
}

export function liveSecret(vault: VaultState, name: string, now: number): Secret {
  const secret = findSecret(vault, name, now);
  if (secret?.phase.is !== "live") throw vaultErrors.secretNotFound(name);
  return secret;
}

export function latest(secret: Secret): SecretVersion {
  const version = secret.versions.at(-1);
  if (version === undefined) throw vaultErrors.secretNotFound(secret.name);
  return version;
}

export function versionOf(vault: VaultState, name: string, id: string, now: number): { secret: Secret; version: SecretVersion } {
  const secret = findSecret(vault, name, now);
  const shown = id === "" ? name : `${name}/${id}`;
  if (secret?.phase.is !== "live") throw vaultErrors.secretNotFound(shown);
  const version = id === "" ? latest(secret) : secret.versions.find((candidate) => candidate.id === id.toLowerCase());
  if (version === undefined) throw vaultErrors.secretNotFound(shown);
  return { secret, version };
}

export function deletedSecret(vault: VaultState, name: string, now: number): Secret {
  const secret = findSecret(vault, name, now);
  if (secret?.phase.is !== "deleted" && secret?.phase.is !== "recovering") throw vaultErrors.deletedNotFound(name);
  return secret;
}

/** Always a new version; nothing is inherited from the one before. */
export function setSecret(
  vault: VaultState,
  name: string,
  content: SecretContent,
  now: number,
): { secret: Secret; version: SecretVersion } {
  const at = epochSeconds(now);
  const version: SecretVersion = { ...content, id: randomBytes(16).toString("hex"), created: at, updated: at };
  const secret = findSecret(vault, name, now);
  if (secret === undefined) {
    const fresh: Secret = { name, versions: [version], phase: { is: "live" } };
    vault.secrets.set(name.toLowerCase(), fresh);
    return { secret: fresh, version };
  }
  if (secret.phase.is === "deleting" || secret.phase.is === "purging") throw vaultErrors.setWhileDeleting(secret.name);
  if (secret.phase.is === "recovering") throw vaultErrors.recovering(secret.name);
  if (secret.phase.is === "deleted") throw vaultErrors.recoverable(secret.name);
  if (secret.managed === true) throw vaultErrors.managed("set");
  secret.versions.push(version);
  return { secret, version };
}

export function deleteSecret(vault: VaultState, name: string, now: number, delays: Delays): Secret {
  const secret = liveSecret(vault, name, now);
  if (secret.managed === true) throw vaultErrors.managed("delete");
  secret.deletedDate = epochSeconds(now);
  secret.scheduledPurgeDate = secret.deletedDate + recoverableDays * 86_400;
  secret.phase = { is: "deleting", until: now + delays.delete };
  return secret;
}

export function recoverSecret(vault: VaultState, name: string, now: number, delays: Delays): Secret {
  const secret = findSecret(vault, name, now);
  if (secret === undefined) throw vaultErrors.deletedNotFound(name);
  if (secret.phase.is === "live") throw vaultErrors.notDeleted(secret.name);
  if (secret.phase.is === "recovering") throw vaultErrors.recovering(secret.name);
  if (secret.phase.is !== "deleted") throw vaultErrors.recoverWhileDeleting(secret.name);
  secret.phase = { is: "recovering", until: now + delays.recover };
  return secret;
}

export function purgeSecret(vault: VaultState, name: string, now: number, delays: Delays, region: string): void {
  const secret = findSecret(vault, name, now);
  if (secret === undefined || secret.phase.is === "live" || secret.phase.is === "purging") throw vaultErrors.deletedNotFound(name);
  if (secret.phase.is === "deleting") throw vaultErrors.purgeWhileDeleting();
  if (secret.phase.is === "recovering") throw vaultErrors.recovering(secret.name);
  if (vault.properties.purgeProtection) throw vaultErrors.purgeProtected(vault.name, region);
  secret.phase = { is: "purging", until: now + delays.purge };
}
