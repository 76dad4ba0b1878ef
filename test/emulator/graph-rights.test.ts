import { expect, test } from "vitest";
import { denied, openGraphLab, said } from "./graph-lab.ts";

const lab = await openGraphLab();
const { graph, ready } = lab;
const roles = (principal: string, ...given: string[]) => lab.control("PUT", "/graph-roles", { principal, roles: given });
const reference = (id: string): object => ({ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
const passwords = (id: string): string => `/applications/${id}/addPassword`;

test("application permissions stand in the token for Graph and in no other; a new client has none", async () => {
  const client = await lab.newClient("token");
  expect(await lab.login(client)).not.toHaveProperty("roles");
  await roles(client.appId, "Application.Read.All");
  expect(await lab.login(client)).toMatchObject({ roles: ["Application.Read.All"], oid: client.principal, idtyp: "app" });
  expect(await lab.login(client, "https://graph.microsoft.com//.default")).toMatchObject({
    aud: "https://graph.microsoft.com/",
    roles: ["Application.Read.All"],
  });
  expect(await lab.login(client, "https://vault.azure.net/.default")).not.toHaveProperty("roles");
  expect((await roles("nobody", "x")).status).toBe(400);
});

test("what a permission does not cover is denied; a permission given later counts for the next token", async () => {
  const client = await lab.newClient("reader");
  const before = { token: await lab.tokenOf(client) };
  expect(await said(graph("GET", "/applications", undefined, before))).toEqual(denied);
  await roles(client.principal, "Application.Read.All");
  expect(await said(graph("GET", "/applications", undefined, before))).toEqual(denied);
  const after = { token: await lab.tokenOf(client) };
  expect((await graph("GET", "/applications", undefined, after)).status).toBe(200);
  for (const [method, path, body] of [
    ["POST", "/applications", { displayName: "x" }],
    ["PATCH", `/applications/${client.id}`, { displayName: "x" }],
    ["DELETE", `/applications/${client.id}`, undefined],
    ["POST", passwords(client.id), {}],
    ["POST", `/servicePrincipals`, { appId: client.appId }],
    ["GET", "/users", undefined],
    ["POST", "/users", {}],
    ["GET", "/groups", undefined],
    ["POST", "/groups", {}],
    ["GET", "/organization", undefined],
  ] as const) {
    expect(await said(graph(method, path, body, after)), path).toEqual(denied);
  }
});

test("with OwnedBy an application changes what it owns, owns what it makes, and reads everything", async () => {
  const client = await lab.newClient("owner");
  await roles(client.appId, "Application.ReadWrite.OwnedBy");
  const token = { token: await lab.tokenOf(client) };
  const foreign = await lab.newClient("foreign");
  expect((await graph("GET", `/applications/${foreign.id}`, undefined, token)).status).toBe(200);
  for (const [method, path, body] of [
    ["PATCH", `/applications/${foreign.id}`, { displayName: "x" }],
    ["DELETE", `/applications/${foreign.id}`, undefined],
    ["POST", passwords(foreign.id), {}],
    ["POST", `/applications/${foreign.id}/removePassword`, { keyId: foreign.keyId }],
    ["POST", `/servicePrincipals/${foreign.principal}/addPassword`, {}],
    ["DELETE", `/servicePrincipals/${foreign.principal}`, undefined],
    // Not even its own, while it is not its owner.
    ["POST", passwords(client.id), {}],
    // To make others owners is no right of an owner.
    ["POST", `/applications/${client.id}/owners/$ref`, reference(client.principal)],
  ] as const) {
    expect(await said(graph(method, path, body, token)), path).toEqual(denied);
  }
  const { id, appId } = (await graph("POST", "/applications", { displayName: "mine", signInAudience: "AzureADMyOrg" }, token)).json;
  expect((await graph("POST", passwords(id), {}, token)).status).toBe(200);
  const principal = (await graph("POST", "/servicePrincipals", { appId }, token)).json.id;
  expect((await graph("GET", `/servicePrincipals/${principal}/owners`, undefined, token)).json.value).toMatchObject([
    { id: client.principal },
  ]);
  expect((await graph("DELETE", `/servicePrincipals/${principal}`, undefined, token)).status).toBe(204);
  expect((await graph("DELETE", `/directory/deletedItems/${principal}`, undefined, token)).status).toBe(204);
  expect((await graph("DELETE", `/applications/${id}`, undefined, token)).status).toBe(204);
  const lone = (await graph("POST", "/applications", { displayName: "lone" })).json.appId;
  expect(await said(graph("POST", "/servicePrincipals", { appId: lone }, token))).toEqual([
    403,
    "Authorization_RequestDenied",
    expect.stringContaining("the backing application of the service principal being created must in the local tenant"),
  ]);
});

test("an owner is added, listed, not added twice, and removed; then the application may rotate itself no more", async () => {
  const client = await lab.newClient("self");
  await roles(client.appId, "Application.ReadWrite.OwnedBy");
  const token = { token: await lab.tokenOf(client) };
  const owners = `/applications/${client.id}/owners`;
  expect((await graph("POST", `${owners}/$ref`, reference(client.principal))).status).toBe(204);
  expect((await graph("GET", owners)).json.value).toMatchObject([
    { "@odata.type": "#microsoft.graph.servicePrincipal", id: client.principal, appId: client.appId },
  ]);
  expect(await said(graph("POST", `${owners}/$ref`, reference(client.principal)))).toEqual([
    400,
    "Request_BadRequest",
    "One or more added object references already exist for the following modified properties: 'owners'.",
  ]);
  expect((await graph("POST", passwords(client.id), {}, token)).status).toBe(200);
  expect((await graph("DELETE", `${owners}/${client.principal}/$ref`)).status).toBe(204);
  expect(await said(graph("POST", passwords(client.id), {}, token))).toEqual(denied);
  expect((await said(graph("POST", `${owners}/$ref`, { "@odata.id": "https://evil.example/x" }))).slice(0, 2)).toEqual([
    400,
    "Request_BadRequest",
  ]);
  expect((await said(graph("POST", `${owners}/$ref`, reference("00000000-0000-4000-8000-000000000000"))))[0]).toBe(404);
});

test("the ready line's principal owns its application and may rotate itself with no right beyond that", async () => {
  await lab.control("PUT", "/graph-roles", { roles: ["Application.ReadWrite.OwnedBy"] });
  const { id } = (await graph("GET", `/applications(appId='${ready.client_id}')`)).json;
  const { secretText: secret, keyId } = (await graph("POST", passwords(id), {})).json;
  const token = await lab.tokenOf({ appId: ready.client_id, secret });
  expect((await graph("POST", `/applications/${id}/removePassword`, { keyId }, { token })).status).toBe(204);
  await lab.control("PUT", "/graph-roles", {
    roles: ["Application.ReadWrite.All", "Directory.Read.All", "Group.ReadWrite.All", "User.ReadWrite.All"],
  });
});

test("the machine's identities may ask Graph as well", async () => {
  const reply = await fetch(`${ready.imds}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://graph.microsoft.com`, {
    headers: { metadata: "true" },
  });
  const { access_token: token } = (await reply.json()) as { access_token: string };
  expect((await graph("GET", "/organization", undefined, { token })).json.value).toMatchObject([
    { id: ready.tenant_id, verifiedDomains: [{ name: "local.onmicrosoft.com", isDefault: true }] },
  ]);
});

test("/me is for users", async () => {
  expect(await said(graph("GET", "/me"))).toEqual([400, "BadRequest", "/me request is only valid with delegated authentication flow."]);
});

test("E4 a token that is missing, forged, old or for another resource is refused, with a challenge", async () => {
  const token = await lab.tokenOf({ appId: ready.client_id, secret: ready.client_secret });
  const [head = "", payload = "", signature = ""] = token.split(".");
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const other = await openGraphLab();
  const foreign = await other.tokenOf({ appId: other.ready.client_id, secret: other.ready.client_secret });
  for (const [bad, message] of [
    ["", "Access token is empty."],
    ["x", "CompactToken parsing failed with error code: 80049217"],
    [await lab.token(), "Access token validation failure. Invalid audience."],
    [`${encoded({ alg: "none" })}.${payload}.`, "Access token validation failure."],
    [`${head}.${encoded({ ...claims, roles: ["Application.ReadWrite.All"] })}.${signature}`, "Access token validation failure."],
    [foreign, "Access token validation failure."],
  ] as const) {
    const reply = await graph("GET", "/applications", undefined, { token: bad });
    expect(await said(reply)).toEqual([401, "InvalidAuthenticationToken", message]);
    expect(reply.headers["www-authenticate"]).toMatch(/^Bearer realm="", authorization_uri="/);
  }
  await lab.control("POST", "/clock", { advance_seconds: 4_000 });
  expect(await said(graph("GET", "/applications", undefined, { token }))).toEqual([
    401,
    "InvalidAuthenticationToken",
    "Lifetime validation failed, the token is expired.",
  ]);
});
