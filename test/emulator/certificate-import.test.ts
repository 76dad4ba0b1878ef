import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { opensslFolder, p256, p384 } from "./openssl.ts";
import { openLab } from "./support.ts";

const lab = await openLab();
const base = lab.ready.vaults[0]?.direct_url ?? "";
const tool = opensslFolder();
const site = tool.pair(
  "site",
  "/C=US/ST=WA/O=Contoso, Inc/CN=example.org",
  "-addext",
  "subjectAltName=DNS:example.org,DNS:www.example.org",
);
const plain = tool.pair("plain", "/CN=plain", ...p256);
const pem = { secret_props: { contentType: "application/x-pem-file" } };

async function importing(name: string, body: object): ReturnType<typeof lab.vault> {
  return lab.vault("POST", `/certificates/${name}/import`, body);
}

async function said(reply: ReturnType<typeof lab.vault>): Promise<unknown[]> {
  const { status, json } = await reply;
  return [status, json?.error?.code, json?.error?.message];
}

test("an imported PEM is a bundle at once: three ids of one version, thumbprint, DER, the dates of the certificate, its policy", async () => {
  const { status, json } = await importing("pem", { value: site.key + site.certificate, policy: pem, tags: { a: "1" } });
  expect(status).toBe(200);
  const version = json.id.split("/").at(-1);
  expect(version).toMatch(/^[0-9a-f]{32}$/);
  const parsed = new X509Certificate(site.der);
  expect(json).toEqual({
    id: `${base}/certificates/pem/${version}`,
    kid: `${base}/keys/pem/${version}`,
    sid: `${base}/secrets/pem/${version}`,
    x5t: createHash("sha1").update(site.der).digest("base64url"),
    cer: site.der.toString("base64"),
    attributes: {
      enabled: true,
      nbf: parsed.validFromDate.getTime() / 1000,
      exp: parsed.validToDate.getTime() / 1000,
      created: expect.any(Number),
      updated: expect.any(Number),
      recoveryLevel: "Recoverable+Purgeable",
      recoverableDays: 90,
    },
    tags: { a: "1" },
    policy: {
      id: `${base}/certificates/pem/policy`,
      key_props: { exportable: true, kty: "RSA", key_size: 2048, reuse_key: false },
      secret_props: { contentType: "application/x-pem-file" },
      x509_props: {
        // Azure's order and its word for ST.
        subject: 'CN=example.org, O="Contoso, Inc", S=WA, C=US',
        sans: { dns_names: ["example.org", "www.example.org"], emails: [], upns: [], uris: [], ipAddresses: [] },
        ekus: [],
        key_usage: [],
        validity_months: expect.any(Number),
        basic_constraints: { ca: true },
      },
      lifetime_actions: [{ trigger: { lifetime_percentage: 80 }, action: { action_type: "EmailContacts" } }],
      issuer: { name: "Unknown" },
      attributes: { enabled: true, created: expect.any(Number), updated: expect.any(Number) },
    },
  });
  expect(json.x5t).toHaveLength(27);
});

test("the issuer of a policy that comes along is kept, with the action that belongs to it", async () => {
  const { json } = await importing("own", { value: site.key + site.certificate, policy: { ...pem, issuer: { name: "Self" } } });
  expect([json.policy.issuer, json.policy.lifetime_actions[0].action.action_type]).toEqual([{ name: "Self" }, "AutoRenew"]);
});

test("the backing secret of a PEM is the key, then the certificates; that of a PFX is a PFX with an empty password", async () => {
  const made = (await importing("two", { value: site.key + site.certificate, policy: pem })).json;
  const secret = (await lab.vault("GET", "/secrets/two")).json;
  expect(secret).toMatchObject({ id: made.sid, kid: made.kid, managed: true, contentType: "application/x-pem-file" });
  expect(secret.value).toBe(site.key + site.certificate);

  const value = tool.pfx("site", "").toString("base64");
  const again = (await importing("two", { value })).json;
  expect(again.policy.secret_props).toEqual({ contentType: "application/x-pkcs12" });
  const second = (await lab.vault("GET", "/secrets/two")).json;
  expect([second.contentType, second.id === again.sid, second.id === made.sid]).toEqual(["application/x-pkcs12", true, false]);
  tool.write("back.pfx", Buffer.from(second.value, "base64"));
  expect(tool.run("pkcs12", "-in", "back.pfx", "-passin", "pass:", "-nodes", "-nocerts")).toContain(site.key);
  expect(tool.run("pkcs12", "-in", "back.pfx", "-passin", "pass:", "-nokeys")).toContain(site.certificate);
  const asPem = await lab.vault("GET", "/secrets/two?outContentType=application/x-pem-file&api-version=2025-07-01");
  expect([asPem.json.contentType, asPem.json.value]).toEqual(["application/x-pem-file", site.key + site.certificate]);
});

test("the backing key shows its public half", async () => {
  const made = (await importing("keyed", { value: plain.key + plain.certificate, policy: pem })).json;
  const { status, json } = await lab.vault("GET", "/keys/keyed");
  const { x, y } = createPrivateKey(plain.key).export({ format: "jwk" });
  expect([status, json.key]).toEqual([200, { kid: made.kid, kty: "EC", key_ops: ["sign", "verify"], crv: "P-256", x, y }]);
  expect(json.managed).toBe(true);
  expect((await lab.vault("GET", made.kid.slice(base.length))).json.key.kid).toBe(made.kid);
  expect((await said(lab.vault("GET", "/keys/nobody"))).slice(0, 2)).toEqual([404, "KeyNotFound"]);
});

const other = tool.pair("other", "/CN=other", ...p384);
const locked = (cipher: string): string => {
  tool.run("pkcs8", "-topk8", "-in", "site.key", "-v2", cipher, "-passout", "pass:open", "-out", "locked.key");
  return tool.read("locked.key").toString() + site.certificate;
};

test.each([
  ["PEM as text", () => ({ value: site.certificate + site.key, policy: pem })],
  ["PEM in base64", () => ({ value: Buffer.from(site.key + site.certificate).toString("base64"), policy: pem })],
  ["PEM in base64 without a policy, as az sends it,", () => ({ value: Buffer.from(site.key + site.certificate).toString("base64") })],
  ["PEM with an encrypted key", () => ({ value: locked("aes256"), pwd: "open", policy: pem })],
  ["a modern PFX", () => ({ value: tool.pfx("site", "a").toString("base64"), pwd: "a" })],
  ["a legacy PFX: RC2 and 3DES", () => ({ value: tool.pfx("site", "a", "-legacy").toString("base64"), pwd: "a" })],
  [
    "a PFX of 3DES",
    () => ({
      value: tool.pfx("site", "a", "-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1").toString("base64"),
      pwd: "a",
    }),
  ],
  ["a PFX without a password", () => ({ value: tool.pfx("site", "").toString("base64") })],
  ["a PFX that also has a chain", () => ({ value: tool.pfx("site", "", "-certfile", "other.crt").toString("base64") })],
] as const)("%s is imported", async (_what, body) => {
  const { status, json, text } = await importing("form", body());
  expect([status, status === 200 ? json.cer : text]).toEqual([200, site.der.toString("base64")]);
});

test.each(["P-256", "P-384", "P-521"])("an EC key of %s comes through PFX and back", async (curve) => {
  const { key, der } = tool.pair("curve", `/CN=${curve}`, "-newkey", "ec", "-pkeyopt", `ec_paramgen_curve:${curve}`);
  const { json } = await importing(`ec-${curve}`, { value: tool.pfx("curve", "p").toString("base64"), pwd: "p" });
  expect([json.cer, json.policy.key_props.kty, json.policy.key_props.crv]).toEqual([der.toString("base64"), "EC", curve]);
  tool.write("ec.pfx", Buffer.from((await lab.vault("GET", `/secrets/ec-${curve}`)).json.value, "base64"));
  const back = tool.run("pkcs12", "-in", "ec.pfx", "-passin", "pass:", "-nodes", "-nocerts");
  expect(createPrivateKey(back.slice(back.indexOf("-----BEGIN"))).equals(createPrivateKey(key))).toBe(true);
});

test("the chain stands in the backing secret, after the leaf that fits the key", async () => {
  await importing("chained", { value: other.certificate + site.certificate + site.key, policy: pem });
  expect((await lab.vault("GET", "/secrets/chained")).json.value).toBe(site.key + site.certificate + other.certificate);
});

test("a key that may not leave the vault is not in the backing secret", async () => {
  await importing("kept", { value: site.key + site.certificate, policy: { ...pem, key_props: { exportable: false } } });
  expect((await lab.vault("GET", "/secrets/kept")).json.value).toBe(site.certificate);
  await importing("kept", { value: tool.pfx("site", "").toString("base64"), policy: { key_props: { exportable: false } } });
  tool.write("kept.pfx", Buffer.from((await lab.vault("GET", "/secrets/kept")).json.value, "base64"));
  expect(tool.run("pkcs12", "-in", "kept.pfx", "-passin", "pass:", "-nodes")).not.toContain("PRIVATE KEY");
});

const unexpected =
  "The specified PEM X.509 certificate content is in an unexpected format. Please check if certificate is in valid PEM format.";
const unreadable =
  "The specified PKCS#12 X.509 certificate content can not be read. Please check if certificate is in valid PKCS#12 format.";

test.each([
  ["nothing", () => ({}), "Pkcs12 value is invalid."],
  ["text that is no base64", () => ({ value: site.key + site.certificate }), "Format of Pkcs12 value is invalid."],
  ["base64 that is no PFX", () => ({ value: site.der.toString("base64") }), unreadable],
  ["a wrong password", () => ({ value: tool.pfx("site", "a").toString("base64"), pwd: "b" }), unreadable],
  ["a missing password", () => ({ value: tool.pfx("site", "a").toString("base64") }), unreadable],
  [
    "a PFX that asks for too much work",
    () => ({ value: tool.pfx("site", "a", "-iter", "700000").toString("base64"), pwd: "a" }),
    unreadable,
  ],
  ["too much", () => ({ value: "A".repeat(25_601) }), "value is too long."],
  ["Windows line ends", () => ({ value: (site.key + site.certificate).replaceAll("\n", "\r\n"), policy: pem }), unexpected],
  ["an encrypted key without its password", () => ({ value: locked("aes128"), policy: pem }), unexpected],
  [
    "no key",
    () => ({ value: site.certificate, policy: pem }),
    "Private key is not specified in the specified X.509 PEM certificate content. Please specify private key in the X.509 PEM certificate content.",
  ],
  [
    "the key of another",
    () => ({ value: plain.key + site.certificate, policy: pem }),
    "The public key of the end-entity certificate in the specified X.509 certificate content does not match the public part of the specified private key. Please check if certificate is valid.",
  ],
  [
    "another content type",
    () => ({ value: "x", policy: { secret_props: { contentType: "text/plain" } } }),
    "Property contentType has invalid value\r\n",
  ],
])("an import of %s is refused in the service's words", async (_what, body, message) => {
  expect(await said(importing("refused", body()))).toEqual([400, "BadParameter", message]);
  expect((await lab.vault("GET", "/certificates/refused")).status).toBe(404);
});

test("an expired certificate is refused, by the clock of the local Azure", async () => {
  const late = await openLab();
  await late.control("POST", "/clock", { advance_seconds: 800 * 86_400 });
  const reply = await late.vault("POST", "/certificates/old/import", { value: site.key + site.certificate, policy: pem });
  expect([reply.status, reply.json.error.message]).toEqual([400, "X509 Certificate is already expired"]);
});
