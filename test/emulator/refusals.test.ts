import { beforeEach, expect, test } from "vitest";
import { handClock, openLab } from "./support.ts";

// Every refusal that a client must tell apart, said by the local Azure itself, word for word as the wire contract has it.
const clock = handClock();
const lab = await openLab({ clock, proxyPort: 0 });
const { tenant_id: tenant, client_id: client, ready: _, ...ready } = lab.ready;
const base = ready.vaults[0]?.direct_url ?? "";
const { oid } = JSON.parse(Buffer.from((await lab.token()).split(".")[1] ?? "", "base64url").toString());
const issuer = `https://sts.windows.net/${tenant}/`;
const caller = `Caller: appid=${client};oid=${oid};iss=${issuer}`;
const vaultLine = "Vault: demo;location=eastus";

beforeEach(async () => {
  await lab.control("PUT", "/settings", { access: "rbac", network: "public", purgeProtection: false, perTenSeconds: 0 });
  await lab.control("PUT", "/access-policies", { secrets: ["all"] });
});

async function said(method: string, path: string, body?: object): Promise<unknown[]> {
  const reply = await lab.vault(method, path, body);
  const { code, message, innererror } = reply.json?.error ?? {};
  return [reply.status, code, innererror?.code, message];
}

/** One request for each permission, and what it needs where access policies decide. */
const calls = [
  ["GET", "/secrets", "list"],
  ["GET", "/secrets/x/versions", "list"],
  ["GET", "/secrets/x", "get"],
  ["PUT", "/secrets/x", "set"],
  ["PATCH", "/secrets/x", "set"],
  ["DELETE", "/secrets/x", "delete"],
  ["POST", "/secrets/x/backup", "backup"],
  ["POST", "/secrets/restore", "restore"],
  ["GET", "/deletedsecrets", "list"],
  ["POST", "/deletedsecrets/x/recover", "recover"],
  ["DELETE", "/deletedsecrets/x", "purge"],
] as const;

test.each(calls)("ForbiddenByPolicy: %s %s names the permission %s", async (method, path, permission) => {
  await lab.control("PUT", "/settings", { access: "policies" });
  const others = ["get", "list", "set", "delete", "recover", "backup", "restore", "purge"].filter((each) => each !== permission);
  await lab.control("PUT", "/access-policies", { vault: "demo", secrets: others });
  expect(await said(method, path, method.startsWith("P") ? {} : undefined)).toEqual([
    403,
    "Forbidden",
    "ForbiddenByPolicy",
    `The user, group or application 'appid=${client};oid=${oid};numgroups=0;iss=${issuer}' does not have secrets ${permission} permission on key vault 'demo;location=eastus'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
  ]);
  await lab.control("PUT", "/access-policies", { vault: "demo", secrets: [permission] });
  expect((await said(method, path, method.startsWith("P") ? {} : undefined))[0]).not.toBe(403);
});

test("AccessDenied: a caller without any policy, and one deleted secret without get", async () => {
  await lab.control("PUT", "/settings", { access: { demo: "policies" } });
  await lab.control("PUT", "/access-policies", { vault: "demo", secrets: [] });
  expect((await said("GET", "/secrets/x")).slice(0, 3)).toEqual([403, "Forbidden", "AccessDenied"]);
  await lab.control("PUT", "/access-policies", { vault: "demo", secrets: ["list"] });
  expect(await said("GET", "/deletedsecrets/x")).toEqual([
    403,
    "Forbidden",
    "AccessDenied",
    "Operation get is not permitted on this object.",
  ]);
});

test("roles count for nothing where policies decide, and policies for nothing where roles do", async () => {
  await lab.control("PUT", "/role-assignments", { vault: "demo", actions: [] });
  expect((await said("GET", "/secrets"))[2]).toBe("ForbiddenByRbac");
  await lab.control("PUT", "/settings", { access: { demo: "policies" } });
  expect((await said("GET", "/secrets"))[0]).toBe(200);
  await lab.control("PUT", "/access-policies", { vault: "demo", secrets: [] });
  await lab.control("PUT", "/role-assignments", { actions: ["*"] });
  expect((await said("GET", "/secrets"))[2]).toBe("AccessDenied");
  await lab.control("PUT", "/settings", { access: "rbac" });
  expect((await said("GET", "/secrets"))[0]).toBe(200);
});

test("ForbiddenByFirewall, ForbiddenByConnection: the network refuses one vault before any role does, after the challenge", async () => {
  await lab.control("PUT", "/role-assignments", { vault: "demo", actions: [] });
  await lab.control("PUT", "/settings", { network: { demo: "firewall" } });
  expect(await said("GET", "/secrets")).toEqual([
    403,
    "Forbidden",
    "ForbiddenByFirewall",
    `Client address is not authorized and caller is not a trusted service.\r\nClient address: 127.0.0.1\r\n${caller}\r\n${vaultLine}`,
  ]);
  await lab.control("PUT", "/settings", { network: { demo: "private" } });
  expect(await said("GET", "/secrets")).toEqual([
    403,
    "Forbidden",
    "ForbiddenByConnection",
    `Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\n${caller}\r\n${vaultLine}`,
  ]);
  expect((await lab.vault("GET", "/secrets", undefined, { token: "" })).status).toBe(401);
  const other = `${ready.vaults[1]?.direct_url}/secrets?api-version=7.4`;
  expect((await lab.https("GET", other, { headers: { authorization: `Bearer ${await lab.token()}` } })).status).toBe(200);
  await lab.control("PUT", "/role-assignments", { actions: ["*"] });
});

test("a purge in a protected vault is 409 until the deletion is visible, then 403", async () => {
  await lab.control("PUT", "/settings", { purgeProtection: true });
  await lab.vault("PUT", "/secrets/protected", { value: "v" });
  expect((await said("DELETE", "/deletedsecrets/protected"))[0]).toBe(404);
  await lab.vault("DELETE", "/secrets/protected");
  expect(await said("DELETE", "/deletedsecrets/protected")).toEqual([
    409,
    "Conflict",
    "ObjectIsBeingDeleted",
    "Secret is currently being deleted.",
  ]);
  clock.advance(200);
  expect(await said("DELETE", "/deletedsecrets/protected")).toEqual([
    403,
    "Forbidden",
    undefined,
    `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\n${vaultLine}`,
  ]);
});

test("ObjectIsBeingRecovered: nothing else may happen to a secret on its way back", async () => {
  await lab.vault("PUT", "/secrets/returning", { value: "v" });
  await lab.vault("DELETE", "/secrets/returning");
  clock.advance(200);
  await lab.vault("POST", "/deletedsecrets/returning/recover");
  const refusal = [409, "Conflict", "ObjectIsBeingRecovered", "Secret returning is currently being recovered."];
  expect(await said("PUT", "/secrets/returning", { value: "w" })).toEqual(refusal);
  expect(await said("POST", "/deletedsecrets/returning/recover")).toEqual(refusal);
  expect(await said("DELETE", "/deletedsecrets/returning")).toEqual(refusal);
  clock.advance(100);
});

test("a deleted secret that was disabled is there, but 403", async () => {
  await lab.vault("PUT", "/secrets/disabled", { value: "v", attributes: { enabled: false } });
  const refusal = [403, "Forbidden", "SecretDisabled", "Operation get is not allowed on a disabled secret."];
  expect(await said("GET", "/secrets/disabled")).toEqual(refusal);
  await lab.vault("DELETE", "/secrets/disabled");
  clock.advance(200);
  expect(await said("GET", "/deletedsecrets/disabled")).toEqual(refusal);
  const { value } = (await lab.vault("GET", "/deletedsecrets")).json;
  expect(value.map(({ id }: { id: string }) => id)).toContain(`${base}/secrets/disabled`);
});

test("a secret past its expiry, or before its time, is still given out", async () => {
  const now = Math.floor(clock.now() / 1_000);
  await lab.vault("PUT", "/secrets/expired", { value: "v", attributes: { exp: now - 60 } });
  await lab.vault("PUT", "/secrets/early", { value: "v", attributes: { nbf: now + 60 } });
  for (const name of ["expired", "early"]) expect((await lab.vault("GET", `/secrets/${name}`)).json.value).toBe("v");
});

async function login(change: Record<string, string>): Promise<unknown[]> {
  const form = { grant_type: "client_credentials", client_id: client, client_secret: ready.client_secret, ...change };
  const body = new URLSearchParams({ scope: "https://vault.azure.net/.default", ...form }).toString();
  const reply = await lab.https("POST", `${ready.authority_host}/${tenant}/oauth2/v2.0/token`, { body });
  return [reply.status, reply.json.error, reply.json.error_description?.split("\r\n")[0]];
}

test("the id of a secret in the place of its value gets the sentence that explains it", async () => {
  expect(await login({ client_secret: "6f9619ff-8b86-4011-b42d-00c04fc964ff" })).toEqual([
    401,
    "invalid_client",
    `AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client}'.`,
  ]);
});

test("a disabled application cannot log in, but its tokens stay good", async () => {
  const token = await lab.token();
  await lab.control("PUT", "/applications", { enabled: false });
  expect(await login({})).toEqual([400, "unauthorized_client", `AADSTS7000112: Application '${client}'(local) is disabled.`]);
  expect((await login({ client_secret: "wrong" }))[1]).toBe("invalid_client");
  expect((await lab.vault("GET", "/secrets", undefined, { token })).status).toBe(200);
  await lab.control("PUT", "/applications", { principal: client, enabled: true });
  expect((await login({}))[0]).toBe(200);
});

test.each([
  ["PUT", "/settings", { access: "open" }],
  ["PUT", "/settings", { access: { nobody: "rbac" } }],
  ["PUT", "/settings", { network: "closed" }],
  ["PUT", "/settings", { network: { demo: true } }],
  ["PUT", "/settings", { network: null }],
  ["PUT", "/settings", { purgeProtection: "yes" }],
  ["PUT", "/access-policies", { vault: "nobody", secrets: [] }],
  ["PUT", "/access-policies", { secrets: ["read"] }],
  ["PUT", "/access-policies", { keys: ["sign"] }],
  ["PUT", "/access-policies", { certificates: ["set"] }],
  ["PUT", "/access-policies", {}],
  ["PUT", "/applications", {}],
  ["PUT", "/applications", { principal: "nobody", enabled: true }],
] as const)("%s %s with %j is refused and changes nothing", async (method, path, body) => {
  const reply = await lab.control(method, path, { ...body });
  expect([reply.status, typeof reply.json.error]).toEqual([400, "string"]);
  expect((await said("GET", "/secrets"))[0]).toBe(200);
});
