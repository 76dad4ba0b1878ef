import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from "node:crypto";
import { isSameKey, keyPemOf } from "./certificate.ts";
import * as bundles from "./certificate-bundles.ts";
import { readFacts } from "./certificate-facts.ts";
import { mismatch } from "./certificate-import.ts";
import { makeRequest, newKey, signCertificate } from "./certificate-issue.ts";
import { defaultPolicy } from "./certificate-policy.ts";
import { readPolicy } from "./certificate-policy-input.ts";
import { withSecret } from "./certificate-secret.ts";
import * as state from "./certificate-state.ts";
import { epochSeconds } from "./clock.ts";
import type { Answer } from "./room.ts";
import { ok, type VaultCall, type VaultRoute } from "./vault-call.ts";
import { VaultFailure, vaultErrors } from "./vault-errors.ts";
import { issuerIn } from "./vault-issuers.ts";
import { parseBody, readChange } from "./vault-input.ts";
import { newVersionId } from "./vault-state.ts";

/** How certificates come to be that are not imported: signed by an issuer, or merged with what was signed outside. */
export const pendingRoutes: readonly VaultRoute[] = [
  {
    method: "POST",
    path: "/certificates/{name}/create",
    action: "certificates/create/action",
    permission: "certificates create",
    run: create,
  },
  { method: "GET", path: "/certificates/{name}/pending", action: "certificates/read", permission: "certificates get", run: getPending },
  {
    method: "PATCH",
    path: "/certificates/{name}/pending",
    action: "certificates/update/action",
    permission: "certificates update",
    run: cancel,
  },
  {
    method: "DELETE",
    path: "/certificates/{name}/pending",
    action: "certificates/update/action",
    permission: "certificates update",
    run: forget,
  },
  {
    method: "POST",
    path: "/certificates/{name}/pending/merge",
    action: "certificates/create/action",
    permission: "certificates create",
    run: merge,
  },
];

const bad = vaultErrors.badParameter;

async function create({ ask, vault, name, now, settings, view }: VaultCall): Promise<Answer> {
  const body = parseBody(await ask.readBody());
  const at = epochSeconds(now);
  const policy = readPolicy(body["policy"], defaultPolicy(at), at);
  const { name: issuer } = policy.issuer;
  const authority = issuer === "Self" || issuer === "Unknown" ? undefined : issuerIn(vault, issuer);
  const { enabled = true, tags } = readChange(body);
  const before = state.writableCertificate(vault, name, now)?.versions.at(-1);
  const key = policy.key_props.reuse_key && before !== undefined ? createPrivateKey(before.keyPem) : await newKey(policy.key_props);
  const csr = makeRequest(key, policy.x509_props);
  const shared = { id: newVersionId(), keyPem: keyPemOf(key), enabled, ...(tags === undefined ? {} : { tags }), created: at, updated: at };
  const pending: state.Pending = {
    requestId: randomBytes(16).toString("hex"),
    issuer,
    csr: csr.toString("base64"),
    status: "inProgress",
    cancellationRequested: false,
    version: shared,
  };
  if (issuer !== "Unknown") {
    const signed = [signCertificate(key, policy.x509_props, now, authority)];
    const chain = authority === undefined ? signed : [...signed, Buffer.from(authority.cer, "base64")];
    pending.until = now + settings.delays.issue;
    pending.signed = await withSecret(finished(shared, chain), policy);
  }
  // Looked at again: making a key takes its time, and another request may have come between.
  const certificate = state.writableCertificate(vault, name, now) ?? state.addCertificate(vault, name, policy);
  Object.assign(certificate, { policy, pending });
  const version = ask.query.get("api-version") ?? "";
  const location = `${view.base}/certificates/${name}/pending?api-version=${version}&request_id=${pending.requestId}`;
  return { status: 202, headers: { location, "retry-after": "10" }, body: bundles.operation(view, certificate.name, pending) };
}

function getPending({ vault, name, now, view }: VaultCall): Answer {
  const { pending } = pendingIn(vault, name, now);
  const headers = pending.status === "inProgress" ? { "retry-after": "10" } : {};
  return { ...ok(bundles.operation(view, name, pending)), headers };
}

async function cancel({ ask, vault, name, now, settings, view }: VaultCall): Promise<Answer> {
  const wish = parseBody(await ask.readBody())["cancellation_requested"];
  const { pending } = pendingIn(vault, name, now);
  if (wish !== true || pending.status !== "inProgress") throw bad("Property cancellation_requested has invalid value\r\n");
  pending.cancellationRequested = true;
  pending.until ??= now + settings.delays.issue;
  return ok(bundles.operation(view, name, pending));
}

/** The name is free again when nothing ever came of it. */
function forget({ vault, name, now, view }: VaultCall): Answer {
  const { certificate, pending } = pendingIn(vault, name, now);
  delete certificate.pending;
  if (certificate.versions.length === 0) vault.certificates.delete(name.toLowerCase());
  return ok(bundles.operation(view, name, pending));
}

async function merge({ ask, vault, name, now, view }: VaultCall): Promise<Answer> {
  const body = parseBody(await ask.readBody());
  const { certificate, pending } = pendingIn(vault, name, now);
  if (pending.status !== "inProgress") throw pendingNotFound(name);
  const { x5c } = body;
  const chain = Array.isArray(x5c) ? x5c.map((each: unknown) => Buffer.from(typeof each === "string" ? each : "", "base64")) : [];
  const { enabled = pending.version.enabled, tags = pending.version.tags } = readChange(body);
  const started = { ...pending.version, enabled, ...(tags === undefined ? {} : { tags }), updated: epochSeconds(now) };
  const issued = await withSecret(finished(started, chain), certificate.policy);
  // Looked at again: writing a PFX takes its time, and another merge may have come between.
  if (pendingIn(vault, name, now).pending !== pending || pending.status !== "inProgress") throw pendingNotFound(name);
  state.complete(vault, certificate, issued);
  return { status: 201, body: bundles.bundle(view, certificate, issued.version) };
}

/** The leaf is the certificate that has the key; the others are its chain. */
function finished(started: state.Pending["version"], certificates: readonly Buffer[]): state.CertificateVersion {
  const publicKey = createPublicKey(started.keyPem);
  const leaf = certificates.find((der) => isKeyOf(der, publicKey));
  const facts = leaf === undefined ? undefined : readFacts(leaf);
  if (leaf === undefined || facts === undefined) throw bad(mismatch);
  const chain = certificates.filter((der) => der !== leaf).map((der) => der.toString("base64"));
  return { ...started, cer: leaf.toString("base64"), chain, nbf: facts.nbf, exp: facts.exp };
}

function isKeyOf(der: Buffer, publicKey: KeyObject): boolean {
  const facts = readFacts(der);
  return facts !== undefined && isSameKey(facts.publicKey, publicKey);
}

function pendingIn(vault: VaultCall["vault"], name: string, now: number): { certificate: state.Certificate; pending: state.Pending } {
  const certificate = state.findCertificate(vault, name, now);
  if (certificate?.phase.is !== "live" || certificate.pending === undefined) throw pendingNotFound(name);
  return { certificate, pending: certificate.pending };
}

function pendingNotFound(name: string): VaultFailure {
  return new VaultFailure(404, "PendingCertificateNotFound", `Pending certificate not found: ${name}`);
}
