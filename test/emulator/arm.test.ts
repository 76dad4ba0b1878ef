import { expect, test } from "vitest";
import { openLab, type Reply } from "./support.ts";

const names = ["alpha", "bravo", "charlie"];
const lab = await openLab({ vaults: names });
const { ready } = lab;
const here = `/subscriptions/${ready.subscription_id}`;
const vaults = `${here}/providers/Microsoft.KeyVault/vaults`;
const token = await lab.token("https://management.azure.com/.default");

async function arm(path: string, bearer: string | undefined = token, host?: string): Promise<Reply> {
  const headers = { ...(bearer === "" ? {} : { authorization: `Bearer ${bearer}` }), ...(host === undefined ? {} : { host }) };
  return lab.https("GET", `${ready.arm_endpoint}${path}${path.includes("?") ? "&" : "?"}api-version=2023-07-01`, { headers });
}

async function said(path: string, bearer?: string): Promise<unknown[]> {
  const { status, json } = await arm(path, bearer);
  return [status, json.error?.code, json.error?.message];
}

async function pagesOf(path: string): Promise<{ names: string[][]; links: string[] }> {
  const found: { names: string[][]; links: string[] } = { names: [], links: [] };
  for (let next: string | undefined = `${ready.arm_endpoint}${path}&api-version=2023-07-01`; next !== undefined;) {
    const { json }: Reply = await lab.https("GET", next, { headers: { authorization: `Bearer ${token}` } });
    found.names.push(json.value.map(({ name }: { name: string }) => name));
    next = json.nextLink;
    if (next !== undefined) found.links.push(next);
  }
  return found;
}

test("a subscription is there, under its id and in the list", async () => {
  const { status, json, headers } = await arm("/subscriptions");
  expect([status, json.value.length]).toEqual([200, 1]);
  expect(json.value[0]).toMatchObject({ id: here, subscriptionId: ready.subscription_id, tenantId: ready.tenant_id, state: "Enabled" });
  expect(headers["x-ms-ratelimit-remaining-subscription-global-reads"]).toMatch(/^[0-9]+$/);
  expect((await arm(here)).json).toEqual(json.value[0]);
  expect((await arm("/tenants")).json.value[0].tenantId).toBe(ready.tenant_id);
});

test("a vault shows what its owner decided, and where it is reached: by the name that the caller used", async () => {
  await lab.control("PUT", "/settings", {
    purgeProtection: { bravo: true },
    access: { bravo: "policies" },
    network: { bravo: "firewall", charlie: "private" },
  });
  const { value } = (await arm(vaults)).json;
  expect(value[0]).toEqual({
    id: `${here}/resourceGroups/local/providers/Microsoft.KeyVault/vaults/alpha`,
    name: "alpha",
    type: "Microsoft.KeyVault/vaults",
    location: "eastus",
    tags: {},
    properties: {
      sku: { family: "A", name: "standard" },
      tenantId: ready.tenant_id,
      accessPolicies: [],
      enabledForDeployment: false,
      enabledForTemplateDeployment: false,
      enableSoftDelete: true,
      softDeleteRetentionInDays: 90,
      enableRbacAuthorization: true,
      vaultUri: `${ready.vaults[0]?.url}/`,
      provisioningState: "Succeeded",
      publicNetworkAccess: "Enabled",
    },
  });
  expect(value[1].properties).toMatchObject({
    enablePurgeProtection: true,
    enableRbacAuthorization: false,
    networkAcls: { defaultAction: "Deny" },
    accessPolicies: [{ tenantId: ready.tenant_id, permissions: { secrets: ["all"], certificates: ["all"], keys: ["all"], storage: [] } }],
  });
  expect(value[2].properties.publicNetworkAccess).toBe("Disabled");
  expect((await arm(value[1].id)).json).toEqual(value[1]);
  const real = await arm(value[0].id, token, "management.azure.com");
  expect(real.json.properties.vaultUri).toBe("https://alpha.vault.azure.net/");
});

test("a list ends with a page that is empty, and its links are absolute, with the dollar encoded", async () => {
  const whole = await pagesOf(`${vaults}?`);
  expect(whole.names).toEqual([names, []]);
  const paged = await pagesOf(`${vaults}?$top=2`);
  expect(paged.names).toEqual([["alpha", "bravo"], ["charlie"], []]);
  const head = `${ready.arm_endpoint}${vaults}?api-version=2023-07-01&%24top=2&%24skiptoken=`;
  expect(paged.links.every((link) => link.startsWith(head))).toBe(true);
  await lab.control("PUT", "/settings", { emptyPages: 1 });
  expect((await pagesOf(`${vaults}?$top=2`)).names).toEqual([[], ["alpha", "bravo"], [], ["charlie"], [], []]);
  await lab.control("PUT", "/settings", { emptyPages: 0 });
  expect((await arm(`${vaults}?$skiptoken=x`)).status).toBe(400);
});

test("resources are found by type and name, as az asks for them", async () => {
  const filter = (text: string): string => `${here}/resources?$filter=${encodeURIComponent(text)}`;
  const { value } = (await arm(filter("resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'bravo'"))).json;
  expect(value.map((row: object) => Object.keys(row))).toEqual([["id", "name", "type", "location", "tags"]]);
  expect((await arm(filter("resourceType eq 'Microsoft.KeyVault/managedHSMs'"))).json.value).toEqual([]);
});

test("whoever has no role that sees vaults is told so; a role on one vault shows that one", async () => {
  const oid = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).oid;
  await lab.control("PUT", "/role-assignments", { roles: ["Key Vault Secrets User"] });
  expect(await said(vaults)).toEqual([
    403,
    "AuthorizationFailed",
    `The client '${ready.client_id}' with object id '${oid}' does not have authorization to perform action 'Microsoft.KeyVault/vaults/read' over scope '${here}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  ]);
  expect((await arm("/subscriptions")).json).toEqual({ value: [] });
  await lab.control("PUT", "/role-assignments", { vault: "bravo", roles: ["Reader"] });
  expect((await pagesOf(`${vaults}?`)).names).toEqual([["bravo"], []]);
  const alpha = `${here}/resourceGroups/local/providers/Microsoft.KeyVault/vaults/alpha`;
  expect((await said(alpha)).slice(0, 2)).toEqual([403, "AuthorizationFailed"]);
  await lab.control("PUT", "/role-assignments", { roles: ["Contributor"] });
  expect((await pagesOf(`${vaults}?`)).names).toEqual([names, []]);
  await lab.control("PUT", "/role-assignments", { actions: ["*"] });
});

test("what is not there is not found, each in ARM's words", async () => {
  const other = "11111111-2222-3333-4444-555555555555";
  expect(await said(`/subscriptions/${other}/providers/Microsoft.KeyVault/vaults`)).toEqual([
    404,
    "SubscriptionNotFound",
    `The subscription '${other}' could not be found.`,
  ]);
  expect(await said(`${here}/resourceGroups/far/providers/Microsoft.KeyVault/vaults`)).toEqual([
    404,
    "ResourceGroupNotFound",
    "Resource group 'far' could not be found.",
  ]);
  expect(await said(`${here}/resourceGroups/local/providers/Microsoft.KeyVault/vaults/nobody`)).toEqual([
    404,
    "ResourceNotFound",
    "The Resource 'Microsoft.KeyVault/vaults/nobody' under resource group 'local' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
  ]);
  expect(
    (await lab.https("GET", `${ready.arm_endpoint}/subscriptions`, { headers: { authorization: `Bearer ${token}` } })).json.error.code,
  ).toBe("MissingApiVersionParameter");
});

test("a token that is missing, wrong, old or for another resource is refused, with a challenge", async () => {
  const missing = await arm("/subscriptions", "");
  expect([missing.status, missing.json.error]).toEqual([
    401,
    { code: "AuthenticationFailed", message: "Authentication failed. The 'Authorization' header is missing." },
  ]);
  expect(missing.headers["www-authenticate"]).toMatch(
    /^Bearer authorization_uri="https:\/\/login\.windows\.net\/[0-9a-f-]{36}", error="invalid_token"/,
  );
  expect(await said("/subscriptions", "x.y.z")).toEqual([401, "InvalidAuthenticationToken", "The access token is invalid."]);
  expect((await said("/subscriptions", await lab.token()))[2]).toMatch(
    /^The access token has been obtained for wrong audience or resource 'https:\/\/vault\.azure\.net'\./,
  );
  // What az asks for, with its double slash.
  expect((await said("/subscriptions", await lab.token("https://management.core.windows.net//.default")))[0]).toBe(200);
  const late = await openLab();
  const old = await late.token("https://management.azure.com/.default");
  await late.control("POST", "/clock", { advance_seconds: 4_000 });
  const headers = { authorization: `Bearer ${old}` };
  const reply = await late.https("GET", `${late.ready.arm_endpoint}/subscriptions?api-version=2022-12-01`, { headers });
  expect([reply.status, reply.json.error.code]).toEqual([401, "ExpiredAuthenticationToken"]);
});
