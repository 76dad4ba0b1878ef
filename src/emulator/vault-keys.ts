import { createPublicKey } from "node:crypto";
import { findCertificate } from "./certificate-state.ts";
import { keyErrors } from "./object-errors.ts";
import type { Answer } from "./room.ts";
import { recovery } from "./vault-bundles.ts";
import { ok, type VaultCall, type VaultRoute } from "./vault-call.ts";

/** The keys behind certificates, their public half. There are no other keys here. */
export const keyRoutes: readonly VaultRoute[] = [
  { method: "GET", path: "/keys/{name}", action: "keys/read", permission: "keys get", run: get },
  { method: "GET", path: "/keys/{name}/{version}", action: "keys/read", permission: "keys get", run: get },
];

const operations = {
  RSA: ["sign", "verify", "wrapKey", "unwrapKey", "encrypt", "decrypt"],
  EC: ["sign", "verify"],
} as const;

function get({ vault, name, version: id, now, view }: VaultCall): Answer {
  const certificate = findCertificate(vault, name, now);
  const version = id === "" ? certificate?.versions.at(-1) : certificate?.versions.find((each) => each.id === id.toLowerCase());
  if (certificate?.phase.is !== "live" || version === undefined) throw keyErrors.notFound(id === "" ? name : `${name}/${id}`);
  const { kty, n, e, crv, x, y } = createPublicKey(version.keyPem).export({ format: "jwk" });
  const { enabled, nbf, exp, created, updated, tags } = version;
  return ok({
    key: {
      kid: `${view.base}/keys/${certificate.name}/${version.id}`,
      kty,
      key_ops: kty === "RSA" ? operations.RSA : operations.EC,
      n,
      e,
      crv: crv === "secp256k1" ? "P-256K" : crv,
      x,
      y,
    },
    attributes: { enabled, nbf, exp, created, updated, ...recovery(view) },
    tags,
    managed: true,
  });
}
