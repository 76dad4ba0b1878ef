import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { opensslFolder } from "./openssl.ts";
import { handClock, openLab } from "./support.ts";

const clock = handClock();
const lab = await openLab({ clock });
const base = lab.ready.vaults[0]?.direct_url ?? "";
const tool = opensslFolder();
const self = (subject: string, more: object = {}): object => ({
  policy: { issuer: { name: "Self" }, x509_props: { subject }, key_props: { kty: "EC" }, ...more },
});

async function said(method: string, path: string, body?: object): Promise<unknown[]> {
  const { status, json } = await lab.vault(method, path, body);
  return [status, json?.error?.code, json?.error?.innererror?.code, json?.error?.message];
}

async function create(name: string, body: object): Promise<void> {
  expect((await lab.vault("POST", `/certificates/${name}/create`, body)).status).toBe(202);
  clock.advance(200);
  expect((await lab.vault("GET", `/certificates/${name}/pending`)).json.status).toBe("completed");
}

async function idsOf(path: string): Promise<string[]> {
  return (await lab.vault("GET", path)).json.value.map(({ id }: { id: string }) => id);
}

test("a self-signed certificate is a pending operation first: 202, where to ask, a request that OpenSSL can read", async () => {
  const reply = await lab.vault("POST", "/certificates/own/create", {
    policy: {
      issuer: { name: "Self" },
      x509_props: { subject: "CN=own.example, O=Contoso", sans: { dns_names: ["own.example"], upns: ["a@b.example"] }, validity_months: 6 },
    },
    tags: { a: "1" },
  });
  const location = `${base}/certificates/own/pending?api-version=7.4&request_id=${reply.json.request_id}`;
  expect([reply.status, reply.headers.location, reply.headers["retry-after"]]).toEqual([202, location, "10"]);
  expect(reply.json).toEqual({
    id: `${base}/certificates/own/pending`,
    issuer: { name: "Self" },
    csr: expect.any(String),
    cancellation_requested: false,
    status: "inProgress",
    status_details:
      "Pending certificate created. Certificate request is in progress. This may take some time based on the issuer provider. Please check again later.",
    request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  tool.write("own.csr", Buffer.from(reply.json.csr, "base64"));
  const shown = tool.run("req", "-inform", "der", "-in", "own.csr", "-noout", "-text", "-verify");
  expect(shown).toContain("Subject: O = Contoso, CN = own.example");
  expect(shown).toContain("DNS:own.example");

  expect((await lab.vault("GET", "/certificates/own/pending")).headers["retry-after"]).toBe("10");
  const unfinished = (await lab.vault("GET", "/certificates/own")).json;
  expect([unfinished.cer, unfinished.attributes.enabled, unfinished.pending.id]).toEqual([undefined, false, reply.json.id]);
  expect((await lab.vault("GET", "/certificates")).json.value).toEqual([]);
  expect(await idsOf("/certificates?includePending=true")).toEqual([`${base}/certificates/own`]);
  expect((await said("GET", "/secrets/own"))[1]).toBe("SecretNotFound");

  clock.advance(200);
  const done = (await lab.vault("GET", "/certificates/own/pending")).json;
  expect([done.status, done.target, done.status_details]).toEqual(["completed", `${base}/certificates/own`, undefined]);
  const { json } = await lab.vault("GET", "/certificates/own");
  expect(json.id).toBe(unfinished.id);
  const certificate = new X509Certificate(Buffer.from(json.cer, "base64"));
  expect(certificate.subject).toBe("O=Contoso\nCN=own.example");
  expect(json.attributes.created - json.attributes.nbf).toBe(600);
  expect(new Date(json.attributes.exp * 1000).toISOString().slice(0, 10)).toBe("2026-12-01");
  tool.write("own.crt", certificate.toString());
  const text = tool.run("x509", "-in", "own.crt", "-noout", "-text", "-certopt", "ext_parse");
  for (const line of ["Digital Signature, Key Encipherment", "TLS Web Server Authentication, TLS Web Client Authentication", "CA:FALSE"]) {
    expect(text).toContain(line);
  }
  expect(text).toContain("DNS:own.example, othername: UPN::a@b.example");
  expect(tool.run("verify", "-CAfile", "own.crt", "-no_check_time", "own.crt")).toContain("OK");
});

test("the service fills in what a policy leaves out, and gives it back sorted", async () => {
  await create("defaults", self("CN=defaults", { x509_props: { subject: "CN=defaults", key_usage: ["keyEncipherment", "cRLSign"] } }));
  expect((await lab.vault("GET", "/certificates/defaults/policy")).json).toEqual({
    id: `${base}/certificates/defaults/policy`,
    key_props: { exportable: true, kty: "EC", key_size: 256, crv: "P-256", reuse_key: false },
    secret_props: { contentType: "application/x-pkcs12" },
    x509_props: {
      subject: "CN=defaults",
      ekus: ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
      key_usage: ["cRLSign", "keyEncipherment"],
      validity_months: 12,
      basic_constraints: { ca: false },
    },
    lifetime_actions: [{ trigger: { lifetime_percentage: 80 }, action: { action_type: "AutoRenew" } }],
    issuer: { name: "Self" },
    attributes: { enabled: true, created: expect.any(Number), updated: expect.any(Number) },
  });
});

test("a policy is changed in part, with the certificate or by itself, and an answer about one version has none", async () => {
  await create("policy", self("CN=policy"));
  const changed = await lab.vault("PATCH", "/certificates/policy/policy", { x509_props: { validity_months: 3 } });
  expect(changed.json.x509_props).toMatchObject({ subject: "CN=policy", validity_months: 3 });
  const { json } = await lab.vault("PATCH", "/certificates/policy", {
    policy: { secret_props: { contentType: "application/x-pem-file" } },
    attributes: { enabled: false },
    tags: { b: "2" },
  });
  expect([json.policy.secret_props.contentType, json.policy.x509_props.validity_months]).toEqual(["application/x-pem-file", 3]);
  expect([json.attributes.enabled, json.tags]).toEqual([false, { b: "2" }]);
  expect(await said("GET", "/secrets/policy")).toEqual([
    403,
    "Forbidden",
    "SecretDisabled",
    "Operation get is not allowed on a disabled secret.",
  ]);
  const version = json.id.slice(base.length);
  const patched = await lab.vault("PATCH", version, { tags: {} });
  expect([patched.json.tags, patched.json.policy]).toEqual([{}, undefined]);
  expect((await lab.vault("GET", version)).json).not.toHaveProperty("policy");
  expect((await lab.vault("GET", "/certificates/policy/")).json).toHaveProperty("policy");
});

test("a new version follows the policy that comes with it; one with reuse_key keeps the key", async () => {
  await create("again", self("CN=one", { key_props: { kty: "EC", reuse_key: true } }));
  await create("again", self("CN=two", { key_props: { kty: "EC", reuse_key: true } }));
  const made = await idsOf("/certificates/again/versions");
  expect([made.length, made]).toEqual([2, made.toSorted()]);
  const [one, two] = await Promise.all(made.map(async (id) => (await lab.vault("GET", id.slice(base.length))).json.cer));
  const keys = [one, two].map((cer) => new X509Certificate(Buffer.from(cer, "base64")).publicKey.export({ format: "jwk" }));
  expect(keys[0]).toEqual(keys[1]);
  expect(await idsOf("/secrets/again/versions")).toEqual(made.map((id) => id.replace("/certificates/", "/secrets/")));
});

test("the list knows no versions and no recovery level, and its subject is empty; backing secrets are listed as managed", async () => {
  await create("listed", self("CN=listed"));
  const { value } = (await lab.vault("GET", "/certificates")).json;
  expect(value.find(({ id }: { id: string }) => id === `${base}/certificates/listed`)).toEqual({
    id: `${base}/certificates/listed`,
    x5t: expect.stringMatching(/^[0-9A-Za-z_-]{27}$/),
    attributes: {
      enabled: true,
      nbf: expect.any(Number),
      exp: expect.any(Number),
      created: expect.any(Number),
      updated: expect.any(Number),
    },
    subject: "",
  });
  const secrets = (await lab.vault("GET", "/secrets")).json.value;
  expect(secrets.find(({ id }: { id: string }) => id === `${base}/secrets/listed`)).toMatchObject({ managed: true });
  expect((await lab.vault("GET", "/certificates/nobody/versions")).json).toEqual({ value: [], nextLink: null });
  expect((await said("DELETE", "/secrets/listed"))[2]).toBe("SecretManagedByKeyVault");
  expect((await said("PUT", "/secrets/listed", { value: "x" }))[2]).toBe("SecretManagedByKeyVault");
});

test("while a request is in progress nothing else is made under its name", async () => {
  await lab.vault("POST", "/certificates/busy/create", self("CN=busy"));
  const refused = [
    409,
    "Conflict",
    undefined,
    "A new key vault certificate can not be created or imported while a pending key vault certificate's status is inProgress.",
  ];
  expect(await said("POST", "/certificates/busy/create", self("CN=busy"))).toEqual(refused);
  const { key, certificate } = tool.pair("busy", "/CN=busy");
  const pem = { value: key + certificate, policy: { secret_props: { contentType: "application/x-pem-file" } } };
  expect(await said("POST", "/certificates/busy/import", pem)).toEqual(refused);
});

test("a request is cancelled in two steps, and what is left of it can be deleted", async () => {
  await lab.vault("POST", "/certificates/stopped/create", self("CN=stopped"));
  const asked = (await lab.vault("PATCH", "/certificates/stopped/pending", { cancellation_requested: true })).json;
  expect([asked.status, asked.cancellation_requested]).toEqual(["inProgress", true]);
  clock.advance(200);
  expect((await lab.vault("GET", "/certificates/stopped/pending")).json.status).toBe("cancelled");
  const left = await lab.vault("DELETE", "/certificates/stopped/pending");
  expect([left.status, left.json.status]).toEqual([200, "cancelled"]);
  expect(await said("GET", "/certificates/stopped/pending")).toEqual([
    404,
    "PendingCertificateNotFound",
    undefined,
    "Pending certificate not found: stopped",
  ]);
  expect((await said("GET", "/certificates/stopped"))[1]).toBe("CertificateNotFound");
  await create("stopped", self("CN=stopped"));
});

test("a request of issuer Unknown waits until what was signed outside is merged, whatever the time", async () => {
  const made = await lab.vault("POST", "/certificates/merged/create", {
    policy: { issuer: { name: "Unknown" }, x509_props: { subject: "CN=merged" }, secret_props: { contentType: "application/x-pem-file" } },
  });
  expect(made.json.status_details).toBe("Pending certificate created. Please Perform Merge to complete the request.");
  clock.advance(86_400_000);
  clock.advance(-86_400_000);
  tool.pair("ca", "/CN=outer authority");
  tool.write("merged.csr", Buffer.from(made.json.csr, "base64"));
  tool.run(
    "x509",
    "-req",
    "-inform",
    "der",
    "-in",
    "merged.csr",
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-out",
    "merged.der",
    "-outform",
    "der",
    "-days",
    "5",
  );
  tool.run("x509", "-in", "ca.crt", "-out", "ca.der", "-outform", "der");
  const [leaf, ca] = ["merged.der", "ca.der"].map((name) => tool.read(name).toString("base64"));
  expect(await said("POST", "/certificates/merged/pending/merge", { x5c: [ca] })).toEqual([
    400,
    "BadParameter",
    undefined,
    "The public key of the end-entity certificate in the specified X.509 certificate content does not match the public part of the specified private key. Please check if certificate is valid.",
  ]);
  const merged = await lab.vault("POST", "/certificates/merged/pending/merge", { x5c: [leaf, ca], tags: { from: "outside" } });
  expect([merged.status, merged.json.cer, merged.json.tags]).toEqual([201, leaf, { from: "outside" }]);
  expect((await lab.vault("GET", "/certificates/merged/pending")).json.status).toBe("completed");
  const secret = (await lab.vault("GET", "/secrets/merged")).json.value;
  expect(secret.match(/BEGIN [A-Z ]+/g)).toEqual(["BEGIN PRIVATE KEY", "BEGIN CERTIFICATE", "BEGIN CERTIFICATE"]);
  expect((await said("POST", "/certificates/nobody/pending/merge", { x5c: [leaf] }))[1]).toBe("PendingCertificateNotFound");
});

test("an absent certificate or version is not found, in the service's words", async () => {
  const words = (id: string): string =>
    `A certificate with (name/id) ${id} was not found in this key vault. If you recently deleted this certificate you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`;
  expect(await said("GET", "/certificates/absent")).toEqual([404, "CertificateNotFound", undefined, words("absent")]);
  const version = "0".repeat(32);
  expect((await said("GET", `/certificates/listed/${version}`))[3]).toBe(words(`listed/${version}`));
  expect((await said("GET", "/certificates/absent/policy"))[1]).toBe("CertificateNotFound");
  expect((await said("POST", "/certificates/x/create", { policy: { issuer: { name: "Self" } } }))[1]).toBe("BadParameter");
  expect((await said("POST", "/certificates/x/create", { policy: { issuer: { name: "DigiCert" } } }))[1]).toBe("CertificateIssuerNotFound");
});

test("a certificate is deleted, recovered and purged as a secret is, and its secret goes with it", async () => {
  await create("life", self("CN=life"));
  const deleted = (await lab.vault("DELETE", "/certificates/life")).json;
  expect(deleted).toMatchObject({ recoveryId: `${base}/deletedcertificates/life`, policy: { issuer: { name: "Self" } } });
  expect(deleted.scheduledPurgeDate - deleted.deletedDate).toBe(90 * 86_400);
  expect(await said("GET", "/deletedcertificates/life")).toEqual([
    404,
    "CertificateNotFound",
    undefined,
    "Deleted Certificate not found: life",
  ]);
  expect((await said("DELETE", "/deletedcertificates/life"))[3]).toBe("Certificate is currently being deleted.");
  expect((await said("GET", "/secrets/life"))[1]).toBe("SecretNotFound");
  clock.advance(200);
  expect((await lab.vault("GET", "/deletedcertificates/life")).json).toEqual(deleted);
  const [row] = (await lab.vault("GET", "/deletedcertificates")).json.value;
  expect([row.id, row.recoveryId, row.x5t, row.attributes.recoveryLevel]).toEqual([
    `${base}/certificates/life`,
    deleted.recoveryId,
    deleted.x5t,
    "Recoverable+Purgeable",
  ]);
  expect((await lab.vault("GET", "/deletedsecrets")).json.value).toMatchObject([{ id: `${base}/secrets/life`, managed: true }]);
  expect((await said("DELETE", "/deletedsecrets/life"))[2]).toBe("SecretManagedByKeyVault");
  expect((await said("POST", "/certificates/life/create", self("CN=life")))[2]).toBe("ObjectIsDeletedButRecoverable");

  expect((await lab.vault("POST", "/deletedcertificates/life/recover")).json.id).toBe(deleted.id);
  expect((await said("GET", "/certificates/life"))[1]).toBe("CertificateNotFound");
  clock.advance(100);
  expect((await lab.vault("GET", "/certificates/life")).json.id).toBe(deleted.id);
  expect((await lab.vault("GET", "/secrets/life")).status).toBe(200);
  expect(await said("POST", "/deletedcertificates/life/recover")).toEqual([
    400,
    "MethodNotAllowed",
    "RequestNotAllowedOnNonDeletedObject",
    "Certificate exists already: life",
  ]);

  await lab.vault("DELETE", "/certificates/life");
  clock.advance(200);
  expect((await lab.vault("DELETE", "/deletedcertificates/life")).status).toBe(204);
  clock.advance(100);
  expect((await said("GET", "/deletedcertificates/life"))[0]).toBe(404);
  await create("life", self("CN=life"));
});

test("a backup brings all versions back, with their keys, into a vault that has room for the name", async () => {
  await create("saved", self("CN=saved"));
  await create("saved", self("CN=saved"));
  const before = (await lab.vault("GET", "/certificates/saved")).json;
  const { value } = (await lab.vault("POST", "/certificates/saved/backup")).json;
  const conflict = await said("POST", "/certificates/restore", { value });
  expect([conflict[1], String(conflict[3]).startsWith("There was a conflict restoring the certificate '")]).toEqual(["Conflict", true]);
  expect((await said("POST", "/secrets/restore", { value }))[1]).toBe("Malformed backup blob");
  await lab.vault("DELETE", "/certificates/saved");
  clock.advance(200);
  await lab.vault("DELETE", "/deletedcertificates/saved");
  clock.advance(100);
  expect((await lab.vault("POST", "/certificates/restore", { value })).json).toMatchObject({ id: before.id, cer: before.cer });
  expect((await idsOf("/certificates/saved/versions")).length).toBe(2);
  expect((await lab.vault("GET", "/secrets/saved")).json.kid).toBe(before.kid);
});

test("a name that an ordinary secret has is no name for a certificate", async () => {
  await lab.vault("PUT", "/secrets/taken", { value: "v" });
  expect((await said("POST", "/certificates/taken/create", self("CN=taken"))).slice(0, 2)).toEqual([409, "Conflict"]);
});

test("an issuer that the vault knows by name signs, and its certificate follows in the backing secret", async () => {
  const made = await lab.vault("PUT", "/certificates/issuers/Corp", {
    provider: "DigiCert",
    credentials: { account_id: "7", pwd: "canary" },
  });
  expect(made.json).toEqual({
    id: `${base}/certificates/issuers/Corp`,
    provider: "DigiCert",
    credentials: { account_id: "7" },
    attributes: { enabled: true, created: expect.any(Number), updated: expect.any(Number) },
  });
  expect((await lab.vault("GET", "/certificates/issuers/corp")).json).toEqual(made.json);
  expect((await lab.vault("GET", "/certificates/issuers")).json.value).toEqual([{ id: made.json.id, provider: "DigiCert" }]);
  expect((await said("PUT", "/certificates/issuers/bad", {}))[1]).toBe("BadParameter");

  await create("signed", self("CN=signed", { issuer: { name: "Corp" }, secret_props: { contentType: "application/x-pem-file" } }));
  const [, leaf, authority] = (await lab.vault("GET", "/secrets/signed")).json.value.split(/(?=-----BEGIN CERTIFICATE)/);
  tool.write("leaf.crt", leaf);
  tool.write("issuer.crt", authority);
  expect(tool.run("verify", "-x509_strict", "-no_check_time", "-CAfile", "issuer.crt", "leaf.crt")).toContain("OK");
  expect((await lab.vault("GET", "/certificates/signed")).json.policy.issuer).toEqual({ name: "Corp" });

  expect((await lab.vault("DELETE", "/certificates/issuers/Corp")).json.id).toBe(made.json.id);
  expect((await said("GET", "/certificates/issuers/Corp"))[1]).toBe("CertificateIssuerNotFound");
});
