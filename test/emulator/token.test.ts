import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { checkToken, createSigner, issuerOf, issueToken, signToken, type Signer } from "../../src/emulator/token.ts";
import { openLab } from "./support.ts";

const tenantId = "11111111-2222-4333-8444-555555555555";
const other = "99999999-2222-4333-8444-555555555555";
const audience = "https://vault.azure.net";
const now = Date.parse("2026-06-01T12:00:00Z");
const seconds = now / 1000;
const signer = await createSigner();
const foreign = await createSigner();

const good = { aud: audience, iss: issuerOf(tenantId), tid: tenantId, nbf: seconds - 300, exp: seconds + 3599, appid: "app", oid: "oid" };
const real = issueToken(signer, { tenantId, clientId: "app", objectId: "oid", audience, now });

function without(key: keyof typeof good): Record<string, unknown> {
  return Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));
}

function handmade(head: object, sign: (signed: string) => string, claims: object = good): string {
  const signed = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${sign(signed)}`;
}

function check(jwt: string, by: Signer = signer): ReturnType<typeof checkToken> {
  return checkToken(jwt, { signer: by, tenantId, audience, now });
}

test("a token of this tenant's Entra is accepted and says who calls, with which permissions, and for which user", () => {
  const caller = { clientId: "app", objectId: "oid", issuer: issuerOf(tenantId), roles: [], user: undefined };
  expect(check(real)).toEqual({ ok: true, caller });
  const roles = ["Application.Read.All"];
  expect(check(signToken(signer, { ...good, roles }))).toMatchObject({ caller: { roles } });
  expect(check(signToken(signer, { ...good, roles: "Application.Read.All" }))).toMatchObject({ caller: { roles: [] } });
  const ofUser = issueToken(signer, { tenantId, clientId: "app", objectId: "oid", audience, now, user: "ada@x" });
  expect(check(ofUser)).toEqual({ ok: true, caller: { ...caller, user: "ada@x" } });
});

const publicPem = signer.publicKey.export({ type: "spki", format: "pem" });
const [head = "", payload = "", signature = ""] = real.split(".");
const tampered = Buffer.from(JSON.stringify({ ...good, oid: "someone" })).toString("base64url");

const bad: [string, string, string][] = [
  ["alg none without a signature", handmade({ alg: "none", kid: signer.kid }, () => ""), "algorithm"],
  ["alg none in another spelling", handmade({ alg: "nOnE", kid: signer.kid }, () => signature), "algorithm"],
  [
    "HS256 with the public key as the secret",
    handmade({ alg: "HS256", kid: signer.kid }, (signed) => createHmac("sha256", publicPem).update(signed).digest("base64url")),
    "algorithm",
  ],
  ["a foreign kid", signToken({ ...signer, kid: "another" }, good), "key"],
  ["a foreign key under our kid", signToken({ ...foreign, kid: signer.kid }, good), "signature"],
  ["a changed payload", `${head}.${tampered}.${signature}`, "signature"],
  ["an empty signature", `${head}.${payload}.`, "signature"],
  ["another tenant's issuer", signToken(signer, { ...good, iss: issuerOf(other), tid: other }), "issuer"],
  ["our issuer with another tid", signToken(signer, { ...good, tid: other }), "issuer"],
  ["the audience of ARM", signToken(signer, { ...good, aud: "https://management.azure.com" }), "audience"],
  ["the audience with a slash", signToken(signer, { ...good, aud: `${audience}/` }), "audience"],
  ["a list of audiences", signToken(signer, { ...good, aud: [audience] }), "audience"],
  ["an expiry in this very second", signToken(signer, { ...good, exp: seconds }), "expired"],
  ["no expiry", signToken(signer, without("exp")), "expired"],
  ["an expiry in words", signToken(signer, { ...good, exp: String(seconds + 60) }), "expired"],
  ["a start in the future", signToken(signer, { ...good, nbf: seconds + 1 }), "not yet valid"],
  ["two parts", `${head}.${payload}`, "malformed"],
  ["four parts", `${real}.x`, "malformed"],
  ["plain base64", `${head}=.${payload}.${signature}`, "malformed"],
  ["a header that is no object", `${Buffer.from("[]").toString("base64url")}.${payload}.${signature}`, "malformed"],
  ["no oid", signToken(signer, without("oid")), "malformed"],
];

test.each(bad)("E4 a token with %s is refused", (_title, jwt, why) => {
  expect(check(jwt)).toMatchObject({ ok: false, why });
});

test("E4 a vault answers a bad token with 401, the challenge and invalid_token", async () => {
  const lab = await openLab();
  const challenge = `Bearer authorization="${lab.ready.authority_host}/${lab.ready.tenant_id}", resource="https://vault.azure.net"`;
  const missing = await lab.vault("GET", "/secrets", undefined, { token: "" });
  expect(missing.status).toBe(401);
  expect(missing.text).toBe('{"error":{"code":"Unauthorized","message":"AKV10000: Request is missing a Bearer or PoP token."}}');
  expect(missing.headers["www-authenticate"]).toBe(challenge);

  const garbage = await lab.vault("GET", "/secrets", undefined, { token: "a.b.c" });
  expect([garbage.status, garbage.headers["www-authenticate"]]).toEqual([401, `${challenge}, error="invalid_token"`]);

  const wrongAudience = await lab.vault("GET", "/secrets", undefined, { token: await lab.token("https://management.azure.com/.default") });
  expect(wrongAudience.json.error.message).toBe(
    "AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com.",
  );

  const token = await lab.token();
  await lab.control("POST", "/clock", { advance_seconds: 3600 });
  const expired = await lab.vault("GET", "/secrets", undefined, { token });
  expect([expired.status, expired.headers["www-authenticate"]]).toEqual([401, `${challenge}, error="invalid_token"`]);
});
