import { request } from "node:http";
import { expect, test } from "vitest";
import { exchange, openLab, type Reply } from "./support.ts";

const lab = await openLab();
const { ready } = lab;
const { system_assigned: system, user_assigned: user } = ready.managed_identities;
const vault = "resource=https%3A%2F%2Fvault.azure.net";

async function get(url: string, headers: Record<string, string>): Promise<Reply> {
  return exchange(request(url, { headers }));
}

async function imds(query: string, headers: Record<string, string> = { metadata: "true" }): Promise<Reply> {
  return get(`${ready.imds}/metadata/identity/oauth2/token?${query}`, headers);
}

async function appService(query: string, header = ready.app_service.header): Promise<Reply> {
  return get(`${ready.app_service.endpoint}?${query}`, { "X-IDENTITY-HEADER": header });
}

function whose({ json }: Reply): string {
  return JSON.parse(Buffer.from(json.access_token.split(".")[1], "base64url").toString()).oid;
}

test("IMDS gives the token of the machine's own identity, all numbers as text, and the vault takes it", async () => {
  const reply = await imds(`api-version=2018-02-01&${vault}`);
  expect([reply.status, reply.json]).toEqual([
    200,
    {
      access_token: expect.any(String),
      client_id: system.client_id,
      expires_in: "86399",
      expires_on: expect.stringMatching(/^[0-9]{10}$/),
      ext_expires_in: "86399",
      not_before: expect.stringMatching(/^[0-9]{10}$/),
      resource: "https://vault.azure.net",
      token_type: "Bearer",
    },
  ]);
  expect(whose(reply)).toBe(system.object_id);
  expect((await lab.vault("GET", "/secrets", undefined, { token: reply.json.access_token })).status).toBe(200);
  // The trailing slash of the JavaScript client.
  expect((await get(`${ready.imds}/metadata/identity/oauth2/token/?api-version=2018-02-01&${vault}`, { metadata: "True" })).status).toBe(
    200,
  );
});

test.each([
  ["client_id", user.client_id],
  ["object_id", user.object_id],
  ["msi_res_id", user.resource_id],
  ["msi_res_id", user.resource_id.toUpperCase()],
])("IMDS finds the identity that a user assigned by %s %s", async (selector, value) => {
  expect(whose(await imds(`api-version=2018-02-01&${vault}&${selector}=${encodeURIComponent(value)}`))).toBe(user.object_id);
});

test.each([
  [
    "without the Metadata header",
    () => imds(`api-version=2018-02-01&${vault}`, {}),
    "invalid_request",
    "Required metadata header not specified",
  ],
  [
    "that a proxy passed on",
    () => imds(`api-version=2018-02-01&${vault}`, { metadata: "true", "x-forwarded-for": "1.2.3.4" }),
    "invalid_request",
    "Request contains the X-Forwarded-For header, which is not allowed",
  ],
  ["without an API version", () => imds(vault), "invalid_request", "Required query variable 'api-version' is missing"],
  ["without a resource", () => imds("api-version=2018-02-01"), "invalid_request", "Required audience parameter not specified"],
  ["for an unknown identity", () => imds(`api-version=2018-02-01&${vault}&client_id=nobody`), "invalid_request", "Identity not found"],
  [
    "for two identities",
    () => imds(`api-version=2018-02-01&${vault}&client_id=${user.client_id}&object_id=${user.object_id}`),
    "invalid_request",
    "Multiple user assigned identity parameters were specified",
  ],
])("a request to IMDS %s is refused", async (_what, ask, error, description) => {
  const { status, json } = await ask();
  expect([status, json]).toEqual([400, { error, error_description: description }]);
});

test("IMDS refuses a resource that the tenant does not know", async () => {
  const { status, json } = await imds("api-version=2018-02-01&resource=https%3A%2F%2Fnobody.example");
  expect([status, json.error, json.error_description.slice(0, 14)]).toEqual([400, "invalid_resource", "AADSTS500011: "]);
});

test("App Service gives tokens to whoever knows the header", async () => {
  const reply = await appService(`api-version=2019-08-01&${vault}`);
  expect([reply.status, reply.json]).toEqual([
    200,
    {
      access_token: expect.any(String),
      client_id: system.client_id,
      expires_on: expect.stringMatching(/^[0-9]{10}$/),
      resource: "https://vault.azure.net",
      token_type: "Bearer",
    },
  ]);
  for (const [selector, value] of [
    ["client_id", user.client_id],
    ["principal_id", user.object_id],
    ["mi_res_id", user.resource_id],
  ] as const) {
    expect(whose(await appService(`api-version=2019-08-01&${vault}&${selector}=${encodeURIComponent(value)}`))).toBe(user.object_id);
  }
  expect((await appService(`api-version=2019-08-01&${vault}`, "guess")).status).toBe(401);
  expect((await appService(`api-version=2017-09-01&${vault}`)).status).toBe(400);
  expect((await appService("api-version=2019-08-01&resource=https%3A%2F%2Fnobody.example")).status).toBe(500);
  const unknown = await appService(`api-version=2019-08-01&${vault}&client_id=nobody`);
  expect([unknown.status, unknown.json]).toEqual([
    400,
    { statusCode: 400, message: "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId." },
  ]);
});

test("a managed identity may do what its roles allow", async () => {
  await lab.control("PUT", "/role-assignments", { principal: user.client_id, roles: ["Key Vault Reader"] });
  const { json } = await imds(`api-version=2018-02-01&${vault}&client_id=${user.client_id}`);
  await lab.vault("PUT", "/secrets/x", { value: "v" });
  expect((await lab.vault("GET", "/secrets/x", undefined, { token: json.access_token })).json.error.innererror).toEqual({
    code: "ForbiddenByRbac",
  });
  const arm = (await imds(`api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F&client_id=${user.client_id}`)).json
    .access_token;
  const listed = await lab.https("GET", `${ready.arm_endpoint}/subscriptions?api-version=2022-12-01`, {
    headers: { authorization: `Bearer ${arm}` },
  });
  expect(listed.json.value).toHaveLength(1);
});

test("E1 the identity endpoints answer for loopback alone, are in the log, and take faults", async () => {
  for (const host of ["login.microsoftonline.com", "demo.vault.azure.net", "rebound.example.org", "169.254.169.254"]) {
    expect((await imds(`api-version=2018-02-01&${vault}`, { metadata: "true", host })).status).toBe(421);
  }
  expect((await get(`${ready.imds}/secrets`, { metadata: "true" })).status).toBe(404);
  await lab.control("POST", "/faults", { path: "/metadata/identity/oauth2/token", times: 1, status: 429 });
  expect((await imds(`api-version=2018-02-01&${vault}`)).status).toBe(429);
  const { requests } = (await lab.control("GET", "/requests")).json;
  expect(requests.at(-1)).toMatchObject({ path: `/metadata/identity/oauth2/token?api-version=2018-02-01&${vault}`, status: 429 });
});
