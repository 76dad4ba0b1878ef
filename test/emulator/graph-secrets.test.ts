import { expect, test } from "vitest";
import { handClock } from "./support.ts";
import { notFound, openGraphLab, said } from "./graph-lab.ts";

const clock = handClock();
const lab = await openGraphLab({ clock });
const { graph, ready } = lab;
const keysOf = async (path: string): Promise<string[]> =>
  (await graph("GET", path)).json.passwordCredentials.map(({ keyId }: { keyId: string }) => keyId);

test("a secret is told once, with a hint that is its beginning, lasts two years by default, and logs in", async () => {
  const { id, appId } = await lab.newClient("one");
  const made = await graph("POST", `/applications/${id}/addPassword`, { passwordCredential: { displayName: "mine" } });
  expect([made.status, made.headers["location"]]).toEqual([200, ready.graph_endpoint]);
  const { secretText, keyId } = made.json;
  expect(made.json).toEqual({
    "@odata.context": `${ready.graph_endpoint}/v1.0/$metadata#microsoft.graph.passwordCredential`,
    customKeyIdentifier: null,
    displayName: "mine",
    endDateTime: "2028-06-01T12:00:00Z",
    hint: secretText.slice(0, 3),
    keyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    secretText: expect.stringMatching(/^[0-9A-Za-z.~-]{40}$/),
    startDateTime: "2026-06-01T12:00:00Z",
  });
  const shown = (await graph("GET", `/applications/${id}`)).json.passwordCredentials.at(-1);
  expect(shown).toMatchObject({ keyId, hint: secretText.slice(0, 3), secretText: null });
  expect(await lab.login({ appId, secret: secretText })).toMatchObject({ appid: appId, aud: "https://graph.microsoft.com" });
  expect(await lab.login({ appId, secret: `${secretText}x` })).toBe("401 7000215");
});

test("a secret of a service principal logs in as well, and its hint is not told", async () => {
  const { appId, principal } = await lab.newClient("two");
  const { secretText, hint, keyId } = (await graph("POST", `/servicePrincipals/${principal}/addPassword`, {})).json;
  expect(hint).toBeNull();
  expect(await lab.login({ appId, secret: secretText })).toMatchObject({ oid: principal });
  expect((await graph("GET", `/servicePrincipals/${principal}`)).json.passwordCredentials).toMatchObject([
    { keyId, hint: null, secretText: null },
  ]);
  expect((await graph("POST", `/servicePrincipals(appId='${appId}')/removePassword`, { keyId })).status).toBe(204);
  expect(await lab.login({ appId, secret: secretText })).toBe("401 7000215");
});

test("a removed secret logs in no more, the others do; one that is not there is named", async () => {
  const { id, appId, secret, keyId } = await lab.newClient("three");
  const second = (await graph("POST", `/applications(appId='${appId}')/addPassword`, { passwordCredential: {} })).json;
  const removed = await graph("POST", `/applications/${id}/removePassword`, { keyId });
  expect([removed.status, removed.text]).toEqual([204, ""]);
  expect(await lab.login({ appId, secret })).toBe("401 7000215");
  expect(await lab.login({ appId, secret: second.secretText })).toMatchObject({ appid: appId });
  expect(await keysOf(`/applications/${id}`)).toEqual([second.keyId]);
  const message = `No password credential found with keyId '${keyId}'.`;
  expect(await said(graph("POST", `/applications/${id}/removePassword`, { keyId }))).toEqual([400, "Request_BadRequest", message]);
  expect((await said(graph("POST", `/applications/${id}/removePassword`, {})))[0]).toBe(400);
});

test("a secret counts from its start to its end, and an end before the start is refused", async () => {
  const { id, appId } = await lab.newClient("dated");
  const passwordCredential = { startDateTime: "2026-07-01T00:00:00Z", endDateTime: "2026-08-01T00:00:00.5Z" };
  const { secretText, endDateTime } = (await graph("POST", `/applications/${id}/addPassword`, { passwordCredential })).json;
  expect(endDateTime).toBe("2026-08-01T00:00:00.5000000Z");
  const who = { appId, secret: secretText };
  expect(await lab.login(who)).toBe("401 7000215");
  await lab.control("POST", "/clock", { now: "2026-07-01T00:00:00Z" });
  expect(await lab.login(who)).toMatchObject({ appid: appId });
  await lab.control("POST", "/clock", { now: "2026-08-01T00:00:01Z" });
  expect(await lab.login(who)).toBe("401 7000222");
  await lab.control("POST", "/clock", { now: "2026-06-01T12:00:00Z" });
  const wrong = { passwordCredential: { startDateTime: "2026-07-01T00:00:00Z", endDateTime: "2026-06-30T00:00:00Z" } };
  expect(await said(graph("POST", `/applications/${id}/addPassword`, wrong))).toEqual([
    400,
    "Request_BadRequest",
    "Key credential end date is invalid.",
  ]);
  expect((await said(graph("POST", `/applications/${id}/addPassword`, { passwordCredential: { endDateTime: "soon" } })))[0]).toBe(400);
});

test("an application for personal accounts holds two secrets, another as many as the tenant says", async () => {
  const add = async (id: string): Promise<unknown[]> => said(graph("POST", `/applications/${id}/addPassword`, {}));
  const personal = (await graph("POST", "/applications", { displayName: "personal" })).json.id;
  await add(personal);
  expect((await add(personal))[0]).toBe(200);
  const message = "Not allowed to add 3 passwords. You can only add a maximum of 2 passwords.";
  expect(await add(personal)).toEqual([400, "TooManyAppPasswords", message]);
  const { id, keyId } = await lab.newClient("full");
  await lab.control("PUT", "/settings", { graph: { secrets: 3 } });
  await add(id);
  expect((await add(id))[0]).toBe(200);
  expect(await add(id)).toEqual([
    403,
    "Directory_ResourceSizeExceeded",
    "The size of the object has exceeded its limit. Please reduce the number of values and retry your request.",
  ]);
  await graph("POST", `/applications/${id}/removePassword`, { keyId });
  expect((await add(id))[0]).toBe(200);
  await lab.control("PUT", "/settings", { graph: { secrets: 600 } });
});

test("what is written has its own time until it is there: application, service principal, secret, removal, for ARM too", async () => {
  await lab.control("PUT", "/settings", {
    replication: { applications: 5_000, servicePrincipals: 60_000, secrets: 180_000, removals: 60_000 },
  });
  const { id, appId } = (await graph("POST", "/applications", { displayName: "slow", signInAudience: "AzureADMyOrg" })).json;
  expect(await said(graph("GET", `/applications/${id}`))).toEqual(notFound(id));
  expect(await said(graph("POST", `/applications/${id}/addPassword`, {}))).toEqual(notFound(id));
  expect((await graph("GET", `/applications?$filter=appId%20eq%20'${appId}'`)).json.value).toEqual([]);
  expect((await graph("POST", "/servicePrincipals", { appId })).json.error.details[0].code).toBe("NoBackingApplicationObject");

  clock.advance(5_000);
  const { secretText: secret, keyId } = (await graph("POST", `/applications/${id}/addPassword`, {})).json;
  expect(await keysOf(`/applications/${id}`)).toEqual([keyId]);
  const principal = (await graph("POST", "/servicePrincipals", { appId })).json.id;
  expect(await said(graph("GET", `/servicePrincipals/${principal}`))).toEqual(notFound(principal));
  expect((await said(graph("POST", "/servicePrincipals", { appId })))[0]).toBe(409);
  clock.advance(60_000);
  expect((await graph("GET", `/servicePrincipals/${principal}`)).status).toBe(200);
  expect(await lab.login({ appId, secret })).toBe("401 7000215");
  clock.advance(119_999);
  expect(await lab.login({ appId, secret })).toBe("401 7000215");
  clock.advance(1);
  expect(await lab.login({ appId, secret })).toMatchObject({ oid: principal });

  expect((await graph("POST", `/applications/${id}/removePassword`, { keyId })).status).toBe(204);
  expect(await keysOf(`/applications/${id}`)).toEqual([]);
  expect((await said(graph("POST", `/applications/${id}/removePassword`, { keyId })))[0]).toBe(400);
  clock.advance(59_999);
  expect(await lab.login({ appId, secret })).toMatchObject({ oid: principal });
  clock.advance(1);
  expect(await lab.login({ appId, secret })).toBe("401 7000215");
  await lab.control("PUT", "/settings", { replication: 0 });
});

test("a secret that was just added may be one that Graph does not know yet: not shown and not found by its key, though it logs in", async () => {
  await lab.control("PUT", "/settings", { replication: { keys: 60_000 } });
  const { id, appId, secret, keyId } = await lab.newClient("unseen");
  const remove = () => graph("POST", `/applications/${id}/removePassword`, { keyId });
  expect(await keysOf(`/applications/${id}`)).toEqual([]);
  expect(await said(remove())).toEqual([400, "Request_BadRequest", `No password credential found with keyId '${keyId}'.`]);
  expect(await lab.login({ appId, secret })).toMatchObject({ appid: appId });
  clock.advance(60_000);
  expect(await keysOf(`/applications/${id}`)).toEqual([keyId]);
  expect((await remove()).status).toBe(204);
  await lab.control("PUT", "/settings", { replication: 0 });
});

test("what is on its way arrives when a test says so, one object's or all", async () => {
  await lab.control("PUT", "/settings", { replication: 600_000 });
  const [one, other] = [
    (await graph("POST", "/applications", { displayName: "one" })).json,
    (await graph("POST", "/applications", { displayName: "other" })).json,
  ];
  await lab.control("POST", "/replicate", { id: one.id });
  expect((await graph("GET", `/applications/${one.id}`)).status).toBe(200);
  expect((await graph("GET", `/applications/${other.id}`)).status).toBe(404);
  await lab.control("POST", "/replicate", {});
  expect((await graph("GET", `/applications/${other.id}`)).status).toBe(200);
  await lab.control("PUT", "/settings", { replication: 0 });
});

test("an application without a service principal cannot log in, a disabled one neither, a deleted one is unknown", async () => {
  const { id, appId, principal, secret } = await lab.newClient("four");
  await graph("PATCH", `/servicePrincipals/${principal}`, { accountEnabled: false });
  expect(await lab.login({ appId, secret })).toBe("400 7000112");
  await graph("DELETE", `/servicePrincipals/${principal}`);
  expect(await lab.login({ appId, secret })).toBe("401 7000229");
  await graph("DELETE", `/applications/${id}`);
  expect(await lab.login({ appId, secret })).toBe("400 700016");
});

test("control tells keys and never a secret", async () => {
  const { id, appId, keyId, secret } = await lab.newClient("looked-at");
  const { json, text } = await lab.control("GET", "/applications");
  const found = json.applications.find((each: { id: string }) => each.id === id);
  expect(found).toMatchObject({
    app_id: appId,
    display_name: "looked-at",
    deleted: false,
    owners: [],
    secrets: [{ key_id: keyId, hint: secret.slice(0, 3), logs_in: true, removed: false }],
    service_principal: { enabled: true, graph_roles: [] },
  });
  expect(text).not.toContain(secret);
  expect(text).not.toContain(ready.client_secret);
});

test("a certificate of an application is named by its key id and stays when another is added", async () => {
  const { id } = await lab.newClient("certified");
  const { readFileSync } = await import("node:fs");
  const der = readFileSync(ready.ca_file, "utf8").replace(/-----[^-]+-----|\s/g, "");
  const key = { type: "AsymmetricX509Cert", usage: "Verify", key: der, displayName: "ca" };
  expect(
    (await graph("PATCH", `/applications/${id}`, { keyCredentials: [{ "@odata.type": "#microsoft.graph.keyCredential", ...key }] })).status,
  ).toBe(204);
  const [first] = (await graph("GET", `/applications/${id}`)).json.keyCredentials;
  expect(first).toMatchObject({
    displayName: "ca",
    key: null,
    type: "AsymmetricX509Cert",
    customKeyIdentifier: expect.stringMatching(/^[0-9A-F]{40}$/),
  });
  await graph("PATCH", `/applications/${id}`, { keyCredentials: [first, key] });
  const both = (await graph("GET", `/applications/${id}`)).json.keyCredentials;
  expect([both.length, both[0].keyId]).toEqual([2, first.keyId]);
  expect((await said(graph("PATCH", `/applications/${id}`, { keyCredentials: [{ key: "AAAA" }] })))[0]).toBe(400);
});
