import { constants, createHash, createPrivateKey, generateKeyPairSync, sign, X509Certificate, type KeyObject } from "node:crypto";
import { expect, test } from "vitest";
import { opensslFolder, p256 } from "./openssl.ts";
import { handClock, openLab } from "./support.ts";

const clock = handClock();
const lab = await openLab({ clock });
const { ready } = lab;
const tool = opensslFolder();
const registered = tool.pair("client", "/CN=client");
const ecClient = tool.pair("ec", "/CN=ec", ...p256);
const stranger = tool.pair("stranger", "/CN=stranger");
const issuer = generateKeyPairSync("rsa", { modulusLength: 2048 });
const endpoint = `${ready.authority_host}/${ready.tenant_id}/oauth2/v2.0/token`;
const now = (): number => Math.floor(clock.now() / 1000);

// The certificates are of the machine's day, and the hand clock starts before it.
clock.advance(Date.now() - clock.now());

await lab.control("PUT", "/applications", {
  certificates: [registered.certificate, ecClient.certificate],
  federated_credentials: [
    {
      issuer: "https://issuer.example",
      subject: "system:serviceaccount:ns:app",
      jwks: { keys: [{ ...issuer.publicKey.export({ format: "jwk" }), kid: "k1", alg: "RS256", use: "sig" }] },
    },
  ],
});

function jwt(key: KeyObject, header: Record<string, unknown>, claims: Record<string, unknown>): string {
  const [head, body] = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const signed = Buffer.from(`${head}.${body}`);
  const how = header["alg"] === "PS256" ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  const signature = header["alg"] === "none" ? Buffer.alloc(0) : sign("sha256", signed, { key, dsaEncoding: "ieee-p1363", ...how });
  return `${head}.${body}.${signature.toString("base64url")}`;
}

const print = (pem: string, digest: string): string => createHash(digest).update(new X509Certificate(pem).raw).digest("base64url");
const keyOf = ({ key }: { key: string }): KeyObject => createPrivateKey(key);
const own = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  aud: endpoint,
  iss: ready.client_id,
  sub: ready.client_id,
  jti: "1",
  nbf: now(),
  exp: now() + 600,
  ...change,
});
const foreign = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  aud: "api://AzureADTokenExchange",
  iss: "https://issuer.example",
  sub: "system:serviceaccount:ns:app",
  exp: now() + 600,
  ...change,
});

async function login(assertion: string, change: Record<string, string> = {}): Promise<unknown[]> {
  const form = {
    grant_type: "client_credentials",
    client_id: ready.client_id,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    scope: "https://vault.azure.net/.default",
    ...change,
  };
  const { status, json } = await lab.https("POST", endpoint, { body: new URLSearchParams(form).toString() });
  if (status !== 200) return [status, json.error, json.error_description.split("\r\n")[0]];
  const claims = JSON.parse(Buffer.from(json.access_token.split(".")[1], "base64url").toString());
  const reply = await lab.vault("GET", "/secrets", undefined, { token: json.access_token });
  return [status, claims.appid, claims.appidacr, reply.status];
}

const admitted = [200, ready.client_id, "2", 200];

test.each([
  ["RS256 and x5t", () => jwt(keyOf(registered), { alg: "RS256", typ: "JWT", x5t: print(registered.certificate, "sha1") }, own())],
  [
    "PS256 and x5t#S256",
    () => jwt(keyOf(registered), { alg: "PS256", typ: "JWT", "x5t#S256": print(registered.certificate, "sha256") }, own()),
  ],
  ["a padded thumbprint", () => jwt(keyOf(registered), { alg: "RS256", x5t: `${print(registered.certificate, "sha1")}=` }, own())],
  ["an EC key", () => jwt(keyOf(ecClient), { alg: "ES256", typ: "JWT", "x5t#S256": print(ecClient.certificate, "sha256") }, own())],
  [
    "Azure's own address as its audience",
    () =>
      jwt(
        keyOf(registered),
        { alg: "RS256", x5t: print(registered.certificate, "sha1") },
        own({ aud: `https://login.microsoftonline.com/${ready.tenant_id}/v2.0` }),
      ),
  ],
  ["a registered issuer", () => jwt(issuer.privateKey, { alg: "RS256", typ: "JWT", kid: "k1" }, foreign())],
  [
    "a registered issuer, with several audiences",
    () => jwt(issuer.privateKey, { alg: "RS256", kid: "k1" }, foreign({ aud: ["x", "api://AzureADTokenExchange"] })),
  ],
])("a client assertion with %s is as good as a secret", async (_what, assertion) => {
  expect(await login(assertion())).toEqual(admitted);
});

const x5t = { alg: "RS256", x5t: print(registered.certificate, "sha1") };
const hex = Buffer.from(x5t.x5t, "base64url").toString("hex").toUpperCase();

test.each([
  ["that is no JWT", () => "x", 50027, ""],
  [
    "of an unknown certificate",
    () => jwt(keyOf(stranger), { alg: "RS256", x5t: print(stranger.certificate, "sha1") }, own()),
    700027,
    "The key was not found.",
  ],
  ["that names no certificate", () => jwt(keyOf(registered), { alg: "RS256" }, own()), 700027, "The key was not found."],
  ["that another key signed", () => jwt(keyOf(stranger), x5t, own()), 700027, `Thumbprint of key used by client: '${hex}'`],
  ["of algorithm none", () => jwt(keyOf(registered), { ...x5t, alg: "none" }, own()), 700027, "verify the signature failed"],
  ["of HS256", () => jwt(keyOf(registered), { ...x5t, alg: "HS256" }, own()), 700027, "verify the signature failed"],
  [
    "for another tenant",
    () => jwt(keyOf(registered), x5t, own({ aud: "https://login.microsoftonline.com/x/v2.0" })),
    700023,
    "audience claim",
  ],
  ["that is over", () => jwt(keyOf(registered), x5t, own({ exp: now() - 301 })), 700024, "not within its valid time range"],
  ["that is not yet valid", () => jwt(keyOf(registered), x5t, own({ nbf: now() + 301 })), 700024, "not within its valid time range"],
  [
    "of an unknown issuer",
    () => jwt(issuer.privateKey, { alg: "RS256", kid: "k1" }, foreign({ iss: "https://issuer.example/" })),
    700211,
    "assertion issuer 'https://issuer.example/'",
  ],
  [
    "of another subject",
    () => jwt(issuer.privateKey, { alg: "RS256", kid: "k1" }, foreign({ sub: "other" })),
    700213,
    "assertion subject 'other'",
  ],
  [
    "for another audience",
    () => jwt(issuer.privateKey, { alg: "RS256", kid: "k1" }, foreign({ aud: "other" })),
    700212,
    "assertion audience 'other'",
  ],
  ["that the issuer did not sign", () => jwt(keyOf(stranger), { alg: "RS256", kid: "k1" }, foreign()), 50013, "signature validation"],
])("a client assertion %s is refused", async (_what, assertion, number, words) => {
  const [status, error, text] = await login(assertion());
  expect([status, error]).toEqual(number === 50027 ? [400, "invalid_request"] : [401, "invalid_client"]);
  expect(text).toMatch(new RegExp(`^AADSTS${number}: `));
  expect(text).toContain(words);
});

test("an expired certificate, and an application without federated credentials, are told so", async () => {
  clock.advance(701 * 86_400_000);
  const [, , old] = await login(jwt(keyOf(registered), x5t, own()));
  expect(old).toMatch(/\[Reason - The key used is expired\., .*Found key 'Start=\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d, End=/);
  clock.advance(-701 * 86_400_000);
  await lab.control("PUT", "/applications", { federated_credentials: [] });
  expect((await login(jwt(issuer.privateKey, { alg: "RS256", kid: "k1" }, foreign())))[2]).toBe(
    `AADSTS70025: The client '${ready.client_id}'(local) has no configured federated identity credentials.`,
  );
  expect(await login(jwt(keyOf(registered), x5t, own()))).toEqual(admitted);
  expect((await login("x", { client_assertion_type: "" }))[2]).toContain("'client_assertion_type'");
});

test.each([
  { certificates: ["x"] },
  { certificates: "x" },
  { federated_credentials: {} },
  { federated_credentials: [{ issuer: "i", subject: "s" }] },
  { federated_credentials: [{ issuer: "i", subject: "s", jwks: { keys: [{ kty: "oct", k: "AA" }] } }] },
  { federated_credentials: [{ issuer: "i", subject: "s", jwks: { keys: [] }, name: "n" }] },
])("PUT /applications with %j is refused", async (body) => {
  expect((await lab.control("PUT", "/applications", body)).status).toBe(400);
});
