import { epochSeconds } from "./clock.ts";
import { openBackup, sealBackup } from "./backup.ts";
import { page } from "./paging.ts";
import type { SecretPermission } from "./access-policies.ts";
import type { DataAction } from "./roles.ts";
import type { Answer, Ask } from "./room.ts";
import type { Settings } from "./settings.ts";
import { bundle, bundleWithoutValue, deletedBundle, deletedItem, listItem, type View } from "./vault-bundles.ts";
import { vaultErrors } from "./vault-errors.ts";
import { parseBody, readChange, readContent } from "./vault-input.ts";
import * as state from "./vault-state.ts";

/** One authorized request to a vault. */
interface SecretCall {
  ask: Ask;
  vault: state.VaultState;
  /** Empty where the route has none; checked against the shape of names. */
  name: string;
  /** Empty for the latest. */
  version: string;
  now: number;
  settings: Settings;
  view: View;
  region: string;
  backupKey: Buffer;
}

export interface SecretRoute {
  method: string;
  path: string;
  /** What it needs where roles decide, and where access policies do. */
  action: DataAction;
  permission: SecretPermission;
  run(call: SecretCall): Promise<Answer> | Answer;
}

/** Literal paths stand before those with a name in the same place. */
export const secretRoutes: readonly SecretRoute[] = [
  { method: "GET", path: "/secrets", action: "secrets/readMetadata/action", permission: "list", run: list },
  { method: "POST", path: "/secrets/restore", action: "secrets/restore/action", permission: "restore", run: restore },
  { method: "PUT", path: "/secrets/{name}", action: "secrets/setSecret/action", permission: "set", run: set },
  { method: "DELETE", path: "/secrets/{name}", action: "secrets/delete", permission: "delete", run: remove },
  { method: "GET", path: "/secrets/{name}/versions", action: "secrets/readMetadata/action", permission: "list", run: versions },
  { method: "POST", path: "/secrets/{name}/backup", action: "secrets/backup/action", permission: "backup", run: backup },
  { method: "GET", path: "/secrets/{name}", action: "secrets/getSecret/action", permission: "get", run: get },
  { method: "GET", path: "/secrets/{name}/{version}", action: "secrets/getSecret/action", permission: "get", run: get },
  { method: "PATCH", path: "/secrets/{name}", action: "secrets/update/action", permission: "set", run: update },
  { method: "PATCH", path: "/secrets/{name}/{version}", action: "secrets/update/action", permission: "set", run: update },
  { method: "GET", path: "/deletedsecrets", action: "secrets/readMetadata/action", permission: "list", run: listDeleted },
  { method: "GET", path: "/deletedsecrets/{name}", action: "secrets/readMetadata/action", permission: "get", run: getDeleted },
  { method: "POST", path: "/deletedsecrets/{name}/recover", action: "secrets/recover/action", permission: "recover", run: recover },
  { method: "DELETE", path: "/deletedsecrets/{name}", action: "secrets/purge/action", permission: "purge", run: purge },
];

function ok(body: object): Answer {
  return { status: 200, body };
}

async function set({ ask, vault, name, now, view }: SecretCall): Promise<Answer> {
  const content = readContent(parseBody(await ask.readBody()));
  const { secret, version } = state.setSecret(vault, name, content, now);
  return ok(bundle(view, secret, version));
}

function get({ ask, vault, name, version: id, now, view }: SecretCall): Answer {
  const { secret, version } = state.versionOf(vault, name, id, now);
  if (!version.enabled) throw vaultErrors.disabled("get");
  if (ask.query.get("outContentType") === "application/x-pem-file" && version.contentType !== "application/x-pkcs12") {
    throw vaultErrors.notPem();
  }
  return ok(bundle(view, secret, version));
}

async function update({ ask, vault, name, version: id, now, view }: SecretCall): Promise<Answer> {
  const change = readChange(parseBody(await ask.readBody()));
  const { secret, version } = state.versionOf(vault, name, id, now);
  Object.assign(version, change, { updated: epochSeconds(now) });
  return ok(bundleWithoutValue(view, secret, version));
}

function remove({ vault, name, now, settings, view }: SecretCall): Answer {
  return ok(deletedBundle(view, state.deleteSecret(vault, name, now, settings.delays)));
}

function list(call: SecretCall): Answer {
  const secrets = state.secretsIn(call.vault, "live", call.now);
  return paged(call, "/secrets", secrets, keyOf, (secret) => listItem(call.view, secret));
}

function listDeleted(call: SecretCall): Answer {
  const secrets = state.secretsIn(call.vault, "deleted", call.now);
  return paged(call, "/deletedsecrets", secrets, keyOf, (secret) => deletedItem(call.view, secret));
}

/** Ordered by version id, so by age at random. An unknown name has no versions, which is no error. */
function versions(call: SecretCall): Answer {
  const secret = state.findSecret(call.vault, call.name, call.now);
  const rows = secret?.phase.is === "live" ? secret.versions.toSorted((left, right) => (left.id < right.id ? -1 : 1)) : [];
  return paged(
    call,
    `/secrets/${call.name}/versions`,
    rows,
    (version) => version.id,
    (version) => (secret === undefined ? {} : bundleWithoutValue(call.view, secret, version)),
  );
}

function getDeleted({ vault, name, now, view }: SecretCall): Answer {
  const secret = state.deletedSecret(vault, name, now);
  if (!state.latest(secret).enabled) throw vaultErrors.disabled("get");
  return ok(deletedBundle(view, secret));
}

function recover({ vault, name, now, settings, view }: SecretCall): Answer {
  const secret = state.recoverSecret(vault, name, now, settings.delays);
  return ok(bundleWithoutValue(view, secret, state.latest(secret)));
}

function purge({ vault, name, now, settings, region }: SecretCall): Answer {
  state.purgeSecret(vault, name, now, settings.delays, region);
  return { status: 204 };
}

function backup({ vault, name, now, backupKey }: SecretCall): Answer {
  return ok({ value: sealBackup(backupKey, state.liveSecret(vault, name, now)) });
}

async function restore({ ask, vault, now, view, backupKey }: SecretCall): Promise<Answer> {
  const secret = openBackup(backupKey, parseBody(await ask.readBody())["value"]);
  if (state.findSecret(vault, secret.name, now) !== undefined) {
    throw vaultErrors.restoreConflict(`${view.base}/secrets/${secret.name}/${state.latest(secret).id}`);
  }
  vault.secrets.set(secret.name.toLowerCase(), secret);
  return ok(bundleWithoutValue(view, secret, state.latest(secret)));
}

function keyOf(secret: state.Secret): string {
  return secret.name.toLowerCase();
}

function paged<T>(call: SecretCall, path: string, rows: readonly T[], key: (row: T) => string, item: (row: T) => object): Answer {
  const { query, origin } = call.ask;
  const found = page(rows, key, { query, url: origin.linkBase + path, emptyPages: call.settings.emptyPages });
  return ok({ value: found.rows.map(item), nextLink: found.nextLink });
}
