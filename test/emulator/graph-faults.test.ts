import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { handClock } from "./support.ts";
import { openGraphLab, said } from "./graph-lab.ts";

const folder = mkdtempSync(join(tmpdir(), "usc-graph-"));
afterAll(() => rmSync(folder, { recursive: true }));
const clock = handClock();
const lab = await openGraphLab({ clock });
const { graph, ready } = lab;

test("an application that asks too often is throttled, with a Retry-After, and others are not", async () => {
  const client = await lab.newClient("other");
  const token = { token: await lab.tokenOf(client) };
  await lab.control("PUT", "/settings", { graph: { perTenSeconds: 2, retryAfter: 7 } });
  const replies = [];
  for (let turn = 0; turn < 3; turn += 1) replies.push(await graph("GET", "/organization"));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(replies[2]?.headers["retry-after"]).toBe("7");
  expect(await said(replies[2] as (typeof replies)[0])).toEqual([
    429,
    "TooManyRequests",
    `Too many requests from Identifier:${ready.client_id} under category:aadgraph.app.tenant_large. Please try again later.`,
  ]);
  expect((await graph("GET", "/organization", undefined, token)).status).toBe(403);
  clock.advance(10_000);
  expect((await graph("GET", "/organization")).status).toBe(200);
  await lab.control("PUT", "/settings", { graph: { perTenSeconds: 0 } });
});

test("E5 a body that is too large, also once it is unpacked, is refused; so is one that is no gzip", async () => {
  const send = (body: string | object, headers: Record<string, string> = {}) => graph("POST", "/applications", body, { headers });
  expect((await said(send(JSON.stringify({ displayName: "x".repeat(1_100_000) }))))[0]).toBe(413);
  const zip = { "content-encoding": "gzip" };
  const token = await lab.tokenOf({ appId: ready.client_id, secret: ready.client_secret });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", ...zip };
  const bomb = gzipSync(JSON.stringify({ displayName: "x".repeat(50_000_000) }));
  expect((await lab.https("POST", `${ready.graph_endpoint}/v1.0/applications`, { headers, body: bomb })).status).toBe(413);
  expect((await said(send("{}", zip))).slice(0, 2)).toEqual([400, "BadRequest"]);
});

test.each([
  [400, "Request_BadRequest"],
  [401, "InvalidAuthenticationToken"],
  [403, "Authorization_RequestDenied"],
  [404, "Request_ResourceNotFound"],
  [409, "Request_MultipleObjectsWithSameKeyValue"],
  [429, "TooManyRequests"],
  [500, "InternalServerError"],
  [503, "ServiceUnavailable"],
])("a planted %d is in Graph's shape, takes no effect and is used up", async (status, code) => {
  await lab.control("POST", "/faults", { method: "POST", path: "/v1.0/applications", status, retry_after: 3 });
  const reply = await graph("POST", "/applications", { displayName: "faulty" });
  expect([reply.status, reply.headers["retry-after"]]).toEqual([status, "3"]);
  expect([reply.json.error.code, Object.keys(reply.json.error)]).toEqual([code, ["code", "message", "innerError"]]);
  expect(reply.headers["request-id"]).toBe(reply.json.error.innerError["request-id"]);
  expect((await graph("GET", "/applications?$filter=displayName%20eq%20'faulty'")).json.value).toEqual([]);
});

test("a lost answer leaves its effect: the secret is there, and nobody was told", async () => {
  const { id } = await lab.newClient("lost");
  await lab.control("POST", "/faults", { path: "/v1.0/applications/*/addPassword", status: 503, takes_effect: true });
  expect((await graph("POST", `/applications/${id}/addPassword`, {})).status).toBe(503);
  expect((await graph("GET", `/applications/${id}`)).json.passwordCredentials.length).toBe(2);
});

test("the log shows Graph's paths and no secret", async () => {
  const { id, secret } = await lab.newClient("logged");
  const password = "Canary-5a3e-Pass";
  await lab.control("PUT", "/users", { user_principal_name: "log@x", password: "Canary-5a3e-Old" });
  await graph("PATCH", "/users/log@x", { passwordProfile: { password } });
  const { text, json } = await lab.control("GET", "/requests");
  expect(json.requests.some(({ path }: { path: string }) => path === `/v1.0/applications/${id}/addPassword`)).toBe(true);
  for (const value of [secret, password, "eyJ"]) expect(text).not.toContain(value);
  expect((await lab.control("GET", "/users")).text).not.toContain("Canary-5a3e");
});

test("the Date of every answer is the local Azure's own, and it moves with its clock", async () => {
  await lab.control("POST", "/clock", { now: "2031-02-03T04:05:06Z" });
  const date = "Mon, 03 Feb 2031 04:05:06 GMT";
  const reply = await graph("GET", "/applications");
  const login = await lab.https("GET", `${ready.authority_host}/common/discovery/instance`);
  await lab.control("POST", "/faults", { path: "/v1.0/*", status: 500 });
  expect([reply.headers.date, login.headers.date, (await graph("GET", "/applications")).headers.date]).toEqual([date, date, date]);
});

test("an application of an earlier local Azure comes back as two things, logs in as before and owns itself", async () => {
  const dataDir = join(folder, "earlier");
  const first = await openGraphLab({ dataDir });
  const who = { appId: first.ready.client_id, secret: first.ready.client_secret };
  const before = (await first.login(who)) as { oid: string };
  await first.stop();
  const file = join(dataDir, "emulator.json");
  const { settings, directory, ...stored } = JSON.parse(readFileSync(file, "utf8"));
  const { tenantId, subscriptionId } = directory;
  const secrets = [{ secret: who.secret, expired: false }];
  const application = { clientId: who.appId, objectId: before.oid, displayName: "local", enabled: true, secrets };
  const { replication: _, graph: _graph, userLogin: _login, ...older } = settings;
  writeFileSync(file, JSON.stringify({ ...stored, settings: older, directory: { tenantId, subscriptionId, applications: [application] } }));

  const second = await openGraphLab({ dataDir });
  expect(await second.login(who)).toMatchObject({ oid: before.oid, roles: expect.arrayContaining(["Application.ReadWrite.All"]) });
  const owners = (await second.graph("GET", `/applications(appId='${who.appId}')/owners`)).json.value;
  expect(owners).toMatchObject([{ id: before.oid }]);
});

test("a data folder brings back the directory: objects, secrets, members, users, rights and what is on its way", async () => {
  const dataDir = join(folder, "data");
  const first = await openGraphLab({ dataDir, clock });
  const client = await first.newClient("kept");
  const { json: user } = await first.control("PUT", "/users", { user_principal_name: "kept@x", password: "Kept-Horse-1" });
  const group = (
    await first.graph("POST", "/groups", { displayName: "kept", mailNickname: "kept", mailEnabled: false, securityEnabled: true })
  ).json.id;
  await first.graph("POST", `/groups/${group}/members/$ref`, {
    "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${user.id}`,
  });
  await first.control("PUT", "/graph-roles", { principal: client.appId, roles: ["Application.Read.All"] });
  await first.control("PUT", "/settings", { replication: { secrets: 60_000 }, userLogin: "mfa", graph: { retryAfter: 9 } });
  const late = (await first.graph("POST", `/applications/${client.id}/addPassword`, {})).json.secretText;
  const before = (await first.control("GET", "/applications")).json;
  await first.stop();

  const second = await openGraphLab({ dataDir, clock });
  expect((await second.control("GET", "/applications")).json).toEqual(before);
  expect(await second.login(client)).toMatchObject({ roles: ["Application.Read.All"] });
  expect(await second.login({ appId: client.appId, secret: late })).toBe("401 7000215");
  clock.advance(60_000);
  expect(await second.login({ appId: client.appId, secret: late })).toMatchObject({ oid: client.principal });
  const later = (await second.graph("POST", `/applications/${client.id}/addPassword`, {})).json.secretText;
  expect(await second.login({ appId: client.appId, secret: later })).toBe("401 7000215");
  expect((await second.graph("GET", `/groups/${group}/members`)).json.value).toMatchObject([{ id: user.id }]);
});
