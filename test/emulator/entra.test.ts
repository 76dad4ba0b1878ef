import { expect, test } from "vitest";
import { openLab } from "./support.ts";

const lab = await openLab();
const { ready } = lab;

async function ask(change: Record<string, string | undefined>, tenant = ready.tenant_id): Promise<Awaited<ReturnType<typeof lab.https>>> {
  const form = {
    grant_type: "client_credentials",
    client_id: ready.client_id,
    client_secret: ready.client_secret,
    scope: "https://vault.azure.net/.default",
    ...change,
  };
  const body = new URLSearchParams(
    Object.entries(form).flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, value]])),
  );
  return lab.https("POST", `${ready.authority_host}/${tenant}/oauth2/v2.0/token`, { body: body.toString() });
}

test("a right secret gets a bearer token for 3599 seconds", async () => {
  const { status, json, headers } = await ask({});
  expect(status).toBe(200);
  expect(json).toEqual({ token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599, access_token: json.access_token });
  expect(headers["cache-control"]).toBe("no-store, no-cache");
  const claims = JSON.parse(Buffer.from(json.access_token.split(".")[1], "base64url").toString());
  expect(claims).toMatchObject({
    aud: "https://vault.azure.net",
    iss: `https://sts.windows.net/${ready.tenant_id}/`,
    appid: ready.client_id,
  });
});

test("a double slash before .default keeps the slash of the audience", async () => {
  const { json } = await ask({ scope: "https://management.core.windows.net//.default openid offline_access profile" });
  const claims = JSON.parse(Buffer.from(json.access_token.split(".")[1], "base64url").toString());
  expect(claims.aud).toBe("https://management.core.windows.net/");
});

const app = ready.client_id;
test.each([
  [
    "a wrong secret",
    { client_secret: "nope" },
    401,
    "invalid_client",
    7000215,
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app}'.`,
  ],
  [
    "an unknown application",
    { client_id: "x" },
    400,
    "unauthorized_client",
    700016,
    `Application with identifier 'x' was not found in the directory '${ready.tenant_id}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  ],
  ["no scope", { scope: undefined }, 400, "invalid_request", 900144, "The request body must contain the following parameter: 'scope'."],
  [
    "no grant type",
    { grant_type: undefined },
    400,
    "invalid_request",
    900144,
    "The request body must contain the following parameter: 'grant_type'.",
  ],
  [
    "another grant",
    { grant_type: "authorization_code" },
    400,
    "unsupported_grant_type",
    70003,
    "The app requested an unsupported grant type 'authorization_code'.",
  ],
  [
    "a scope without .default",
    { scope: "https://vault.azure.net/read" },
    400,
    "invalid_scope",
    1002012,
    "The provided value for scope https://vault.azure.net/read is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).",
  ],
])("%s is refused in Entra's own words", async (_title, change, status, error, number, text) => {
  const reply = await ask(change);
  expect(reply.status).toBe(status);
  const { trace_id, correlation_id, timestamp } = reply.json;
  expect(reply.json).toEqual({
    error,
    error_description: `AADSTS${number}: ${text}\r\nTrace ID: ${trace_id}\r\nCorrelation ID: ${correlation_id}\r\nTimestamp: ${timestamp}`,
    error_codes: [number],
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
    trace_id,
    correlation_id,
    error_uri: `https://login.microsoftonline.com/error?code=${number}`,
  });
});

test("an expired secret is told apart from a wrong one", async () => {
  await lab.control("POST", "/client-secrets", { secret: "old", expired: true });
  const reply = await ask({ client_secret: "old" });
  expect([reply.status, reply.json.error, reply.json.error_codes]).toEqual([401, "invalid_client", [7000222]]);
  await lab.control("POST", "/client-secrets", { secret: "old" });
  expect((await ask({ client_secret: "old" })).status).toBe(200);
});

test("an unknown tenant is refused by the configuration and by the token endpoint", async () => {
  const tenant = "00000000-0000-4000-8000-000000000000";
  const configuration = await lab.https("GET", `${ready.authority_host}/${tenant}/v2.0/.well-known/openid-configuration`);
  for (const reply of [configuration, await ask({}, tenant)]) {
    expect([reply.status, reply.json.error, reply.json.error_codes]).toEqual([400, "invalid_tenant", [90002]]);
    expect(reply.json.error_description).toContain(
      `AADSTS90002: Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID`,
    );
  }
});

test("the configuration names the host that was asked, and the keys verify", async () => {
  const { json } = await lab.https("GET", `${ready.authority_host}/${ready.tenant_id}/v2.0/.well-known/openid-configuration`);
  expect(json.issuer).toBe(`${ready.authority_host}/${ready.tenant_id}/v2.0`);
  const keys = await lab.https("GET", json.jwks_uri);
  expect(keys.json.keys[0]).toMatchObject({ kty: "RSA", use: "sig" });

  const discovery = `/common/discovery/instance?api-version=1.1&authorization_endpoint=https://login.microsoftonline.com/${ready.tenant_id}/oauth2/v2.0/authorize`;
  const real = await lab.https("GET", ready.authority_host + discovery, { headers: { host: "login.microsoftonline.com" } });
  expect(real.json.tenant_discovery_endpoint).toBe(
    `https://login.microsoftonline.com/${ready.tenant_id}/v2.0/.well-known/openid-configuration`,
  );
});

test("E1 a host name that is none of Azure's is turned away", async () => {
  const reply = await lab.https("GET", `${ready.authority_host}/common/discovery/instance`, { headers: { host: "rebound.example.org" } });
  expect(reply.status).toBe(421);
});
