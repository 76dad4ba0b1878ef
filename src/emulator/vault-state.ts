import { randomBytes } from "node:crypto";
import type { Issuer } from "./certificate-issuers.ts";
import type { Certificate } from "./certificate-state.ts";
import { epochSeconds } from "./clock.ts";
import * as lifecycle from "./lifecycle.ts";
import { secretErrors } from "./object-errors.ts";
import { vaultErrors } from "./vault-errors.ts";
import { propertiesFor, type VaultProperties } from "./vault-properties.ts";

/**
 * Terminology.
 * Secret: all versions under one name.
 */
export interface VaultState {
  name: string;
  properties: VaultProperties;
  /** All by lower-case name. */
  secrets: Map<string, Secret>;
  certificates: Map<string, Certificate>;
  issuers: Map<string, Issuer>;
}

export interface Secret extends lifecycle.Mortal {
  /** Oldest first. Never empty. */
  versions: SecretVersion[];
  /** The secret behind a certificate. */
  managed?: true;
}

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

/** As in Azure, whoever makes a vault may do everything in it. */
export function createVault(name: string, owner: string): VaultState {
  return { name, properties: propertiesFor(owner), secrets: new Map(), certificates: new Map(), issuers: new Map() };
}

export function secretsOf(vault: VaultState): lifecycle.Kin<Secret> {
  return { all: vault.secrets, errors: secretErrors };
}

export function newVersionId(): string {
  return randomBytes(16).toString("hex");
}

export function latest(secret: Secret): SecretVersion {
  const version = secret.versions.at(-1);
  if (version === undefined) throw secretErrors.notFound(secret.name);
  return version;
}

export function versionOf(vault: VaultState, name: string, id: string, now: number): { secret: Secret; version: SecretVersion } {
  const secret = lifecycle.find(secretsOf(vault), name, now);
  const shown = id === "" ? name : `${name}/${id}`;
  if (secret?.phase.is !== "live") throw secretErrors.notFound(shown);
  const version = id === "" ? latest(secret) : secret.versions.find((candidate) => candidate.id === id.toLowerCase());
  if (version === undefined) throw secretErrors.notFound(shown);
  return { secret, version };
}

/** Always a new version; nothing is inherited from the one before. */
export function setSecret(
  vault: VaultState,
  name: string,
  content: SecretContent,
  now: number,
): { secret: Secret; version: SecretVersion } {
  const at = epochSeconds(now);
  const version: SecretVersion = { ...content, id: newVersionId(), created: at, updated: at };
  const secret = lifecycle.writable(secretsOf(vault), name, now);
  if (secret === undefined) {
    const fresh: Secret = { name, versions: [version], phase: { is: "live" } };
    vault.secrets.set(name.toLowerCase(), fresh);
    return { secret: fresh, version };
  }
  if (secret.managed === true) throw vaultErrors.managed("set");
  secret.versions.push(version);
  return { secret, version };
}

export function deleteSecret(vault: VaultState, name: string, now: number, delays: lifecycle.Delays): Secret {
  const secret = lifecycle.live(secretsOf(vault), name, now);
  if (secret.managed === true) throw vaultErrors.managed("delete");
  lifecycle.beginDelete(secret, now, delays);
  return secret;
}
