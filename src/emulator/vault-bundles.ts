import { recoverableDays } from "./lifecycle.ts";
import type { View } from "./vault-call.ts";
import { latest, type Secret, type SecretVersion } from "./vault-state.ts";

/** How secrets look on the wire. A field that is not set is left out, never null. */
export function bundle(view: View, secret: Secret, version: SecretVersion): object {
  return { value: version.value, ...bundleWithoutValue(view, secret, version) };
}

export function bundleWithoutValue(view: View, secret: Secret, version: SecretVersion): object {
  return { ...described(view, secret, version), id: `${view.base}/secrets/${secret.name}/${version.id}` };
}

/** Of the key behind it a list says nothing. */
export function listItem(view: View, secret: Secret): object {
  return { ...described(view, secret, latest(secret)), kid: undefined, id: `${view.base}/secrets/${secret.name}` };
}

export function versionItem(view: View, secret: Secret, version: SecretVersion): object {
  return { ...bundleWithoutValue(view, secret, version), kid: undefined };
}

export function deletedBundle(view: View, secret: Secret): object {
  return { ...deletion(view, secret), ...bundleWithoutValue(view, secret, latest(secret)) };
}

export function deletedItem(view: View, secret: Secret): object {
  return { ...deletion(view, secret), ...listItem(view, secret) };
}

function deletion(view: View, { name, deletedDate, scheduledPurgeDate }: Secret): object {
  return { recoveryId: `${view.base}/deletedsecrets/${name}`, deletedDate, scheduledPurgeDate };
}

/** On every object of a vault. */
export function recovery(view: View): { recoveryLevel: string; recoverableDays: number } {
  return { recoveryLevel: view.purgeProtection ? "Recoverable" : "Recoverable+Purgeable", recoverableDays };
}

function described(view: View, secret: Secret, version: SecretVersion): object {
  const { contentType, tags, enabled, nbf, exp, created, updated } = version;
  const behindCertificate = secret.managed === true ? { managed: true, kid: `${view.base}/keys/${secret.name}/${version.id}` } : {};
  // JSON leaves out what is undefined.
  return { contentType, attributes: { enabled, nbf, exp, created, updated, ...recovery(view) }, tags, ...behindCertificate };
}
