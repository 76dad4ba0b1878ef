import * as bundles from "./certificate-bundles.ts";
import * as state from "./certificate-state.ts";
import * as lifecycle from "./lifecycle.ts";
import type { Answer } from "./room.ts";
import { keyOf, ok, paged, purgeRules, type VaultCall, type VaultRoute } from "./vault-call.ts";

/** How certificates end, and come back. */
export const deletedCertificateRoutes: readonly VaultRoute[] = [
  { method: "DELETE", path: "/certificates/{name}", action: "certificates/delete", permission: "certificates delete", run: remove },
  { method: "GET", path: "/deletedcertificates", action: "certificates/read", permission: "certificates list", run: listDeleted },
  { method: "GET", path: "/deletedcertificates/{name}", action: "certificates/read", permission: "certificates get", run: getDeleted },
  {
    method: "POST",
    path: "/deletedcertificates/{name}/recover",
    action: "certificates/recover/action",
    permission: "certificates recover",
    run: recover,
  },
  {
    method: "DELETE",
    path: "/deletedcertificates/{name}",
    action: "certificates/purge/action",
    permission: "certificates purge",
    run: purge,
  },
];

function remove({ vault, name, now, settings, view }: VaultCall): Answer {
  const certificate = state.liveCertificate(vault, name, now);
  const version = state.versionIn(certificate, "");
  lifecycle.beginDelete(certificate, now, settings.delays);
  return ok(bundles.deletedBundle(view, state.withBacking(vault, certificate), version));
}

function listDeleted(call: VaultCall): Answer {
  const certificates = state.certificatesIn(call.vault, "deleted", call.now);
  return paged(call, "/deletedcertificates", certificates, keyOf, (each) =>
    bundles.deletedItem(call.view, each, state.versionIn(each, "")),
  );
}

function getDeleted({ vault, name, now, view }: VaultCall): Answer {
  const certificate = lifecycle.deleted(state.certificatesOf(vault), name, now);
  return ok(bundles.deletedBundle(view, certificate, state.versionIn(certificate, "")));
}

function recover({ vault, name, now, settings, view }: VaultCall): Answer {
  const certificate = lifecycle.beginRecover(state.certificatesOf(vault), name, now, settings.delays);
  return ok(bundles.bundle(view, state.withBacking(vault, certificate), state.versionIn(certificate, "")));
}

function purge(call: VaultCall): Answer {
  const certificate = lifecycle.beginPurge(state.certificatesOf(call.vault), call.name, call.now, purgeRules(call));
  state.withBacking(call.vault, certificate);
  return { status: 204 };
}
