import { epochSeconds } from "./clock.ts";
import { openBackup, sealBackup } from "./backup.ts";
import { pemType, pfxType } from "./certificate-policy.ts";
import { secretValue } from "./certificate-secret.ts";
import * as lifecycle from "./lifecycle.ts";
import { secretErrors } from "./object-errors.ts";
import type { Answer } from "./room.ts";
import { bundle, bundleWithoutValue, deletedBundle, deletedItem, listItem, versionItem } from "./vault-bundles.ts";
import { byId, keyOf, ok, paged, purgeRules, type VaultCall, type VaultRoute } from "./vault-call.ts";
import { vaultErrors } from "./vault-errors.ts";
import { parseBody, readChange, readContent } from "./vault-input.ts";
import * as state from "./vault-state.ts";

/** Literal paths stand before those with a name in the same place. */
export const secretRoutes: readonly VaultRoute[] = [
  { method: "GET", path: "/secrets", action: "secrets/readMetadata/action", permission: "secrets list", run: list },
  { method: "POST", path: "/secrets/restore", action: "secrets/restore/action", permission: "secrets restore", run: restore },
  { method: "PUT", path: "/secrets/{name}", action: "secrets/setSecret/action", permission: "secrets set", run: set },
  { method: "DELETE", path: "/secrets/{name}", action: "secrets/delete", permission: "secrets delete", run: remove },
  { method: "GET", path: "/secrets/{name}/versions", action: "secrets/readMetadata/action", permission: "secrets list", run: versions },
  { method: "POST", path: "/secrets/{name}/backup", action: "secrets/backup/action", permission: "secrets backup", run: backup },
  { method: "GET", path: "/secrets/{name}", action: "secrets/getSecret/action", permission: "secrets get", run: get },
  { method: "GET", path: "/secrets/{name}/{version}", action: "secrets/getSecret/action", permission: "secrets get", run: get },
  { method: "PATCH", path: "/secrets/{name}", action: "secrets/update/action", permission: "secrets set", run: update },
  { method: "PATCH", path: "/secrets/{name}/{version}", action: "secrets/update/action", permission: "secrets set", run: update },
  { method: "GET", path: "/deletedsecrets", action: "secrets/readMetadata/action", permission: "secrets list", run: listDeleted },
  { method: "GET", path: "/deletedsecrets/{name}", action: "secrets/readMetadata/action", permission: "secrets get", run: getDeleted },
  { method: "POST", path: "/deletedsecrets/{name}/recover", action: "secrets/recover/action", permission: "secrets recover", run: recover },
  { method: "DELETE", path: "/deletedsecrets/{name}", action: "secrets/purge/action", permission: "secrets purge", run: purge },
];

async function set({ ask, vault, name, now, view }: VaultCall): Promise<Answer> {
  const content = readContent(parseBody(await ask.readBody()));
  const { secret, version } = state.setSecret(vault, name, content, now);
  return ok(bundle(view, secret, version));
}

async function get({ ask, vault, name, version: id, now, view }: VaultCall): Promise<Answer> {
  const { secret, version } = state.versionOf(vault, name, id, now);
  if (!version.enabled) throw vaultErrors.disabled("get");
  if (ask.query.get("outContentType") !== pemType) return ok(bundle(view, secret, version));
  if (version.contentType !== pfxType) throw vaultErrors.notPem();
  const certificate = vault.certificates.get(name.toLowerCase());
  const behind = certificate?.versions.find((candidate) => candidate.id === version.id);
  if (certificate === undefined || behind === undefined) return ok(bundle(view, secret, version));
  const value = await secretValue(behind, certificate.policy.key_props.exportable, pemType);
  return ok(bundle(view, secret, { ...version, value, contentType: pemType }));
}

async function update({ ask, vault, name, version: id, now, view }: VaultCall): Promise<Answer> {
  const change = readChange(parseBody(await ask.readBody()));
  const { secret, version } = state.versionOf(vault, name, id, now);
  Object.assign(version, change, { updated: epochSeconds(now) });
  return ok(bundleWithoutValue(view, secret, version));
}

function remove({ vault, name, now, settings, view }: VaultCall): Answer {
  return ok(deletedBundle(view, state.deleteSecret(vault, name, now, settings.delays)));
}

function list(call: VaultCall): Answer {
  const secrets = lifecycle.among(state.secretsOf(call.vault), "live", call.now);
  return paged(call, "/secrets", secrets, keyOf, (secret) => listItem(call.view, secret));
}

function listDeleted(call: VaultCall): Answer {
  const secrets = lifecycle.among(state.secretsOf(call.vault), "deleted", call.now);
  return paged(call, "/deletedsecrets", secrets, keyOf, (secret) => deletedItem(call.view, secret));
}

/** An unknown name has no versions, which is no error. */
function versions(call: VaultCall): Answer {
  const secret = lifecycle.find(state.secretsOf(call.vault), call.name, call.now);
  const rows = secret?.phase.is === "live" ? byId(secret.versions) : [];
  return paged(
    call,
    `/secrets/${call.name}/versions`,
    rows,
    (version) => version.id,
    (version) => (secret === undefined ? {} : versionItem(call.view, secret, version)),
  );
}

function getDeleted({ vault, name, now, view }: VaultCall): Answer {
  const secret = lifecycle.deleted(state.secretsOf(vault), name, now);
  if (!state.latest(secret).enabled) throw vaultErrors.disabled("get");
  return ok(deletedBundle(view, secret));
}

function recover({ vault, name, now, settings, view }: VaultCall): Answer {
  refuseManaged({ vault, name, now }, "recover");
  const secret = lifecycle.beginRecover(state.secretsOf(vault), name, now, settings.delays);
  return ok(bundleWithoutValue(view, secret, state.latest(secret)));
}

function purge(call: VaultCall): Answer {
  refuseManaged(call, "purge");
  lifecycle.beginPurge(state.secretsOf(call.vault), call.name, call.now, purgeRules(call));
  return { status: 204 };
}

/** The secret behind a deleted certificate lives and dies with it. */
function refuseManaged({ vault, name, now }: Pick<VaultCall, "vault" | "name" | "now">, operation: string): void {
  if (lifecycle.find(state.secretsOf(vault), name, now)?.managed === true) throw vaultErrors.managed(operation);
}

function backup({ vault, name, now, backupKey }: VaultCall): Answer {
  const { name: shown, versions: kept } = lifecycle.live(state.secretsOf(vault), name, now);
  return ok({ value: sealBackup(backupKey, { kind: "secret", name: shown, versions: kept }) });
}

async function restore({ ask, vault, now, view, backupKey }: VaultCall): Promise<Answer> {
  const { name, versions: kept } = openBackup(backupKey, "secret", parseBody(await ask.readBody())["value"]);
  const secret: state.Secret = { name, versions: kept, phase: { is: "live" } };
  if (lifecycle.find(state.secretsOf(vault), name, now) !== undefined) {
    throw secretErrors.restoreConflict(`${view.base}/secrets/${name}/${state.latest(secret).id}`);
  }
  vault.secrets.set(name.toLowerCase(), secret);
  return ok(bundleWithoutValue(view, secret, state.latest(secret)));
}
