import { thumbprint } from "./certificate-facts.ts";
import type { Certificate, CertificateVersion, Pending } from "./certificate-state.ts";
import { recovery } from "./vault-bundles.ts";
import type { View } from "./vault-call.ts";

/** How certificates look on the wire. A field that is not set is left out, never null. */
export function bundle(view: View, certificate: Certificate, version: CertificateVersion): object {
  return { ...versionBundle(view, certificate, version), policy: policyBundle(view, certificate), ...pendingId(view, certificate) };
}

/** One that was asked for by its version comes without a policy. */
export function versionBundle(view: View, certificate: Certificate, version: CertificateVersion): object {
  return {
    ...ids(view, certificate.name, version.id),
    x5t: thumbprint(version.cer),
    cer: version.cer,
    attributes: { ...attributesOf(version), ...recovery(view) },
    tags: version.tags,
  };
}

/** A certificate whose first version is not signed yet has a key and nothing more. */
export function unfinishedBundle(view: View, certificate: Certificate, pending: Pending): object {
  const { id, tags, created, updated } = pending.version;
  return {
    ...ids(view, certificate.name, id),
    attributes: { enabled: false, created, updated, ...recovery(view) },
    tags,
    policy: policyBundle(view, certificate),
    ...pendingId(view, certificate),
  };
}

export function policyBundle(view: View, { name, policy }: Certificate): object {
  return { id: `${view.base}/certificates/${name}/policy`, ...policy };
}

/** The items of this list alone have no recovery level, and their subject is empty. */
export function listItem(view: View, { name, pending }: Certificate, version: CertificateVersion | undefined): object {
  const id = `${view.base}/certificates/${name}`;
  if (version === undefined) {
    const { created = 0, updated = 0, tags } = pending?.version ?? {};
    return { id, attributes: { enabled: false, created, updated }, subject: "", tags };
  }
  return { id, x5t: thumbprint(version.cer), attributes: attributesOf(version), subject: "", tags: version.tags };
}

export function versionItem(view: View, certificate: Certificate, version: CertificateVersion): object {
  return { ...listItem(view, certificate, version), id: `${view.base}/certificates/${certificate.name}/${version.id}` };
}

export function deletedBundle(view: View, certificate: Certificate, version: CertificateVersion): object {
  return { ...deletion(view, certificate), ...bundle(view, certificate, version) };
}

export function deletedItem(view: View, certificate: Certificate, version: CertificateVersion): object {
  const attributes = { ...attributesOf(version), ...recovery(view) };
  return { ...deletion(view, certificate), ...listItem(view, certificate, version), attributes };
}

export function operation(view: View, name: string, pending: Pending): object {
  const details = pending.issuer === "Unknown" ? "Please Perform Merge to complete the request." : waiting;
  return {
    id: `${view.base}/certificates/${name}/pending`,
    issuer: { name: pending.issuer },
    csr: pending.csr,
    cancellation_requested: pending.cancellationRequested,
    status: pending.status,
    ...(pending.status === "completed"
      ? { target: `${view.base}/certificates/${name}` }
      : { status_details: `Pending certificate created. ${details}` }),
    request_id: pending.requestId,
  };
}

const waiting = "Certificate request is in progress. This may take some time based on the issuer provider. Please check again later.";

function ids(view: View, name: string, version: string): object {
  const at = (kind: string): string => `${view.base}/${kind}/${name}/${version}`;
  return { id: at("certificates"), kid: at("keys"), sid: at("secrets") };
}

function pendingId(view: View, { name, pending }: Certificate): object {
  return pending === undefined ? {} : { pending: { id: `${view.base}/certificates/${name}/pending` } };
}

function attributesOf({ enabled, nbf, exp, created, updated }: CertificateVersion): object {
  return { enabled, nbf, exp, created, updated };
}

function deletion(view: View, { name, deletedDate, scheduledPurgeDate }: Certificate): object {
  return { recoveryId: `${view.base}/deletedcertificates/${name}`, deletedDate, scheduledPurgeDate };
}
