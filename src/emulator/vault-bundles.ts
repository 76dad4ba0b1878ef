import { latest, recoverableDays, type Secret, type SecretVersion } from "./vault-state.ts";

/** How secrets look on the wire. A field that is not set is left out, never null. */
export interface View {
  base: string;
  purgeProtection: boolean;
}

export function bundle(view: View, secret: Secret, version: SecretVersion): object {
  return { value: version.value, ...bundleWithoutValue(view, secret, version) };
}

export function bundleWithoutValue(view: View, secret: Secret, version: SecretVersion): object {
  return { ...described(view, secret, version), id: `${view.base}/secrets/${secret.name}/${version.id}` };
}

export function listItem(view: View, secret: Secret): object {
  return { ...described(view, secret, latest(secret)), id: `${view.base}/secrets/${secret.name}` };
}

export function deletedBundle(view: View, secret: Secret): object {
  return { ...deletion(view, secret), ...bundleWithoutValue(view, secret, latest(secret)) };
}

export function deletedItem(view: View, secret: Secret): object {
  return { ...deletion(view, secret), ...listItem(view, secret) };
}

function deletion(view: View, secret: Secret): object {
  return {
    recoveryId: `${view.base}/deletedsecrets/${secret.name}`,
    deletedDate: secret.deletedDate,
    scheduledPurgeDate: secret.scheduledPurgeDate,
  };
}

function described(view: View, secret: Secret, version: SecretVersion): object {
  const { contentType, tags, enabled, nbf, exp, created, updated } = version;
  const recoveryLevel = view.purgeProtection ? "Recoverable" : "Recoverable+Purgeable";
  const behindCertificate = secret.managed === true ? { managed: true, kid: `${view.base}/keys/${secret.name}/${version.id}` } : {};
  // JSON leaves out what is undefined.
  return { contentType, attributes: { enabled, nbf, exp, created, updated, recoveryLevel, recoverableDays }, tags, ...behindCertificate };
}
