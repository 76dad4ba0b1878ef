import { openBackup, sealBackup } from "./backup.ts";
import * as bundles from "./certificate-bundles.ts";
import { readPolicy } from "./certificate-policy-input.ts";
import { withSecret } from "./certificate-secret.ts";
import * as state from "./certificate-state.ts";
import { epochSeconds } from "./clock.ts";
import * as lifecycle from "./lifecycle.ts";
import { certificateErrors } from "./object-errors.ts";
import type { Answer } from "./room.ts";
import { byId, keyOf, ok, paged, type VaultCall, type VaultRoute } from "./vault-call.ts";
import { parseBody, readChange } from "./vault-input.ts";
import { secretsOf } from "./vault-state.ts";

/** Certificates as they are kept. How they come to be stands in `vault-import.ts` and `vault-pending.ts`, whose routes go first. */
export const certificateRoutes: readonly VaultRoute[] = [
  { method: "GET", path: "/certificates", action: "certificates/read", permission: "certificates list", run: list },
  {
    method: "POST",
    path: "/certificates/restore",
    action: "certificates/restore/action",
    permission: "certificates restore",
    run: restore,
  },
  { method: "GET", path: "/certificates/{name}/versions", action: "certificates/read", permission: "certificates list", run: versions },
  { method: "GET", path: "/certificates/{name}/policy", action: "certificates/read", permission: "certificates get", run: getPolicy },
  {
    method: "PATCH",
    path: "/certificates/{name}/policy",
    action: "certificates/update/action",
    permission: "certificates update",
    run: updatePolicy,
  },
  {
    method: "POST",
    path: "/certificates/{name}/backup",
    action: "certificates/backup/action",
    permission: "certificates backup",
    run: backup,
  },
  { method: "GET", path: "/certificates/{name}", action: "certificates/read", permission: "certificates get", run: get },
  { method: "GET", path: "/certificates/{name}/{version}", action: "certificates/read", permission: "certificates get", run: get },
  { method: "PATCH", path: "/certificates/{name}", action: "certificates/update/action", permission: "certificates update", run: update },
  {
    method: "PATCH",
    path: "/certificates/{name}/{version}",
    action: "certificates/update/action",
    permission: "certificates update",
    run: update,
  },
];

function list(call: VaultCall): Answer {
  const withPending = call.ask.query.get("includePending")?.toLowerCase() === "true";
  const shown = state.certificatesIn(call.vault, "live", call.now).filter(({ versions: made }) => withPending || made.length > 0);
  return paged(call, "/certificates", shown, keyOf, (each) => bundles.listItem(call.view, each, each.versions.at(-1)));
}

/** An unknown name has no versions, which is no error. */
function versions(call: VaultCall): Answer {
  const certificate = state.findCertificate(call.vault, call.name, call.now);
  const rows = certificate?.phase.is === "live" ? byId(certificate.versions) : [];
  return paged(
    call,
    `/certificates/${call.name}/versions`,
    rows,
    ({ id }) => id,
    (version) => (certificate === undefined ? {} : bundles.versionItem(call.view, certificate, version)),
  );
}

function get({ vault, name, version: id, now, view }: VaultCall): Answer {
  const certificate = state.liveCertificate(vault, name, now, id === "" ? name : `${name}/${id}`);
  if (id !== "") return ok(bundles.versionBundle(view, certificate, state.versionIn(certificate, id)));
  if (certificate.versions.length === 0 && certificate.pending !== undefined) {
    return ok(bundles.unfinishedBundle(view, certificate, certificate.pending));
  }
  return ok(bundles.bundle(view, certificate, state.versionIn(certificate, "")));
}

function getPolicy({ vault, name, now, view }: VaultCall): Answer {
  return ok(bundles.policyBundle(view, state.liveCertificate(vault, name, now)));
}

async function updatePolicy({ ask, vault, name, now, view }: VaultCall): Promise<Answer> {
  const given = parseBody(await ask.readBody());
  const certificate = state.liveCertificate(vault, name, now);
  certificate.policy = readPolicy(given, certificate.policy, epochSeconds(now));
  return ok(bundles.policyBundle(view, certificate));
}

async function update({ ask, vault, name, version: id, now, view }: VaultCall): Promise<Answer> {
  const body = parseBody(await ask.readBody());
  const { enabled, tags } = readChange(body);
  const certificate = state.liveCertificate(vault, name, now, id === "" ? name : `${name}/${id}`);
  const version = state.versionIn(certificate, id);
  const policy = body["policy"] ?? undefined;
  if (policy !== undefined) certificate.policy = readPolicy(policy, certificate.policy, epochSeconds(now));
  const change = { ...(enabled === undefined ? {} : { enabled }), ...(tags === undefined ? {} : { tags }), updated: epochSeconds(now) };
  Object.assign(version, change);
  const secret = vault.secrets.get(name.toLowerCase())?.versions.find((candidate) => candidate.id === version.id);
  if (secret !== undefined) Object.assign(secret, change);
  return ok(id === "" ? bundles.bundle(view, certificate, version) : bundles.versionBundle(view, certificate, version));
}

function backup({ vault, name, now, backupKey }: VaultCall): Answer {
  const certificate = state.liveCertificate(vault, name, now);
  const { name: shown, versions: kept, policy } = certificate;
  state.versionIn(certificate, "");
  return ok({ value: sealBackup(backupKey, { kind: "certificate", name: shown, versions: kept, policy }) });
}

async function restore({ ask, vault, now, view, backupKey }: VaultCall): Promise<Answer> {
  const { name, policy, versions: kept } = openBackup(backupKey, "certificate", parseBody(await ask.readBody())["value"]);
  const issued = await Promise.all(kept.map((version) => withSecret(version, policy)));
  const last = kept.at(-1);
  const taken = state.findCertificate(vault, name, now) ?? lifecycle.find(secretsOf(vault), name, now);
  if (taken !== undefined) throw certificateErrors.restoreConflict(`${view.base}/certificates/${name}/${last?.id ?? ""}`);
  const certificate = state.addCertificate(vault, name, policy);
  for (const each of issued) state.adopt(vault, certificate, each);
  return ok(bundles.bundle(view, certificate, state.versionIn(certificate, "")));
}
