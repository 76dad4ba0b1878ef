import { expect, test } from "vitest";
import { handClock, type Reply } from "./support.ts";
import { notFound, openGraphLab, said } from "./graph-lab.ts";

const clock = handClock();
const lab = await openGraphLab({ clock });
const { graph, ready } = lab;
const guid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const nobody = "00000000-0000-4000-8000-000000000000";
const names = (json: { value: { displayName: string }[] }): string[] => json.value.map(({ displayName }) => displayName).toSorted();

test("an application is created with an object id and a client id, for every audience unless it says otherwise", async () => {
  const { status, json, headers } = await graph("POST", "/applications", {
    displayName: "made",
    tags: ["a"],
    web: { homePageUrl: "https://x" },
  });
  expect(status).toBe(201);
  expect(json).toMatchObject({
    "@odata.context": `${ready.graph_endpoint}/v1.0/$metadata#applications/$entity`,
    id: guid,
    appId: guid,
    createdDateTime: "2026-06-01T12:00:00Z",
    deletedDateTime: null,
    displayName: "made",
    identifierUris: [],
    signInAudience: "AzureADandPersonalMicrosoftAccount",
    passwordCredentials: [],
    keyCredentials: [],
    tags: ["a"],
    web: { homePageUrl: "https://x", redirectUris: [] },
  });
  expect(json.id).not.toBe(json.appId);
  expect(headers["location"]).toBe(
    `${ready.graph_endpoint}/v2/${ready.tenant_id}/directoryObjects/${json.id}/Microsoft.DirectoryServices.Application`,
  );
  expect(headers).toMatchObject({
    "content-type": "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
    "odata-version": "4.0",
    "request-id": guid,
    "strict-transport-security": "max-age=31536000",
    date: "Mon, 01 Jun 2026 12:00:00 GMT",
  });
  const { "@odata.context": _, ...shown } = json;
  for (const path of [`/applications/${json.id}`, `/applications(appId='${json.appId}')`, `/applications(appId%3D'${json.appId}')`]) {
    expect((await graph("GET", path)).json).toMatchObject(shown);
  }
});

test("what cannot be created is refused in Graph's shape", async () => {
  expect(await said(graph("POST", "/applications", {}))).toEqual([
    400,
    "Request_BadRequest",
    "A value is required for property 'displayName' of resource 'Application'.",
  ]);
  expect(await said(graph("POST", "/applications", { displayName: "x", colour: "red" }))).toEqual([
    400,
    "Request_BadRequest",
    "Invalid property 'colour'.",
  ]);
  expect((await said(graph("POST", "/applications", { displayName: 1 })))[0]).toBe(400);
  expect((await said(graph("POST", "/applications", { displayName: "x", tags: "a" })))[0]).toBe(400);
  const broken = await graph("POST", "/applications", "{");
  expect(broken.json.error).toEqual({
    code: "BadRequest",
    message: "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
    innerError: {
      date: "2026-06-01T12:00:00",
      "request-id": broken.headers["request-id"],
      "client-request-id": broken.headers["client-request-id"],
    },
  });
  expect(broken.headers["content-type"]).toBe("application/json");
});

test("an application is found by client id, name, beginning of a name, and URI; what is not there is an empty list", async () => {
  for (const displayName of ["find-a", "find-b", "Find-C"]) {
    await graph("POST", "/applications", { displayName, identifierUris: [`api://${displayName}`] });
  }
  const found = async (filter: string): Promise<string[]> =>
    names((await graph("GET", `/applications?$filter=${encodeURIComponent(filter)}`)).json);
  const [first] = (await graph("GET", "/applications?$filter=displayName%20eq%20'find-a'")).json.value;
  expect(await found(`appId eq '${first.appId}'`)).toEqual(["find-a"]);
  expect(await found(`id eq ${first.id}`)).toEqual(["find-a"]);
  expect(await found("startswith(displayName,'find-')")).toEqual(["Find-C", "find-a", "find-b"]);
  expect(await found("startswith(displayName,'find-') and not (displayName eq 'find-b' or displayName eq 'find-c')")).toEqual(["find-a"]);
  expect(await found("displayName in ('find-a', 'find-b')")).toEqual(["find-a", "find-b"]);
  expect(await found("identifierUris/any(s:s eq 'api://find-b')")).toEqual(["find-b"]);
  expect(await found("displayName ne 'local' and displayName eq 'it''s'")).toEqual([]);
  expect(await found(`appId eq '${nobody}'`)).toEqual([]);
  for (const filter of [
    "displayName",
    "displayName eq",
    "colour eq 'red'",
    "contains(displayName,'x')",
    "(displayName eq 'x'",
    "(".repeat(9_000),
  ]) {
    expect((await said(graph("GET", `/applications?$filter=${encodeURIComponent(filter)}`))).slice(0, 2)).toEqual([400, "BadRequest"]);
  }
  expect((await said(graph("GET", "/applications?$search=x"))).slice(0, 2)).toEqual([400, "Request_UnsupportedQuery"]);
});

test("a list is paged by absolute links that keep the query, has empty pages on request, and shows what is selected", async () => {
  const whole = (await graph("GET", "/applications")).json.value;
  const pages = async (path: string): Promise<{ sizes: number[]; rows: object[]; links: string[] }> => {
    const seen: { sizes: number[]; rows: object[]; links: string[] } = { sizes: [], rows: [], links: [] };
    for (let next: string | undefined = path; next !== undefined;) {
      const { json }: Reply = await graph("GET", next);
      seen.sizes.push(json.value.length);
      seen.rows.push(...json.value);
      next = json["@odata.nextLink"];
      if (next !== undefined) seen.links.push(next);
    }
    return seen;
  };
  const paged = await pages("/applications?$top=2&$select=id,displayName");
  expect(paged.rows).toEqual(whole.map(({ id, displayName }: { id: string; displayName: string }) => ({ id, displayName })));
  expect(paged.sizes.slice(0, 2)).toEqual([2, 2]);
  const head = `${ready.graph_endpoint}/v1.0/applications?$top=2&$select=id%2CdisplayName&$skiptoken=`;
  expect(paged.links.every((link) => link.startsWith(head))).toBe(true);
  await lab.control("PUT", "/settings", { emptyPages: 1 });
  const empty = await pages("/applications?$top=2");
  expect([empty.sizes.slice(0, 4), empty.rows.length]).toEqual([[0, 2, 0, 2], whole.length]);
  await lab.control("PUT", "/settings", { emptyPages: 0 });
  expect((await graph("GET", "/applications?$count=true&$top=1")).json["@odata.count"]).toBe(whole.length);
  for (const query of ["$top=0", "$top=1000", "$top=x", "$skiptoken=x", "$select=colour"]) {
    expect((await said(graph("GET", `/applications?${query}`))).slice(0, 2)).toEqual([400, "BadRequest"]);
  }
  // Behind the proxy the link leads to Graph's own name.
  const real = await graph("GET", "/applications?$top=1", undefined, { headers: { host: "graph.microsoft.com" } });
  expect(real.json["@odata.nextLink"]).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/applications\?\$top=1&\$skiptoken=/);
});

test("a patch changes what it names, also inside, and answers nothing", async () => {
  const { id } = (await graph("POST", "/applications", { displayName: "before", web: { logoutUrl: "https://out" } })).json;
  const { status, text } = await graph("PATCH", `/applications/${id}`, {
    displayName: "after",
    web: { homePageUrl: "https://home" },
    notes: "n",
  });
  expect([status, text]).toEqual([204, ""]);
  expect((await graph("GET", `/applications/${id}`)).json).toMatchObject({
    displayName: "after",
    notes: "n",
    web: { homePageUrl: "https://home", logoutUrl: "https://out" },
  });
  expect((await said(graph("PATCH", `/applications/${id}`, { passwordCredentials: [] })))[0]).toBe(400);
  await graph("PATCH", `/applications/${id}`, { identifierUris: ["api://mine"] });
  expect((await said(graph("POST", "/applications", { displayName: "x", identifierUris: ["api://mine"] })))[0]).toBe(400);
});

test("a service principal needs an application that is there, and there is one of each", async () => {
  const { appId, id: application } = (await graph("POST", "/applications", { displayName: "served", identifierUris: ["api://served"] }))
    .json;
  const made = await graph("POST", "/servicePrincipals", { appId, accountEnabled: true });
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({
    id: guid,
    appId,
    appDisplayName: "served",
    displayName: "served",
    appOwnerOrganizationId: ready.tenant_id,
    servicePrincipalType: "Application",
    servicePrincipalNames: [appId, "api://served"],
    accountEnabled: true,
  });
  expect([application, appId]).not.toContain(made.json.id);
  for (const filter of [`servicePrincipalNames/any(c:c eq '${appId}')`, `appId eq '${appId}'`]) {
    expect((await graph("GET", `/servicePrincipals?$filter=${encodeURIComponent(filter)}`)).json.value[0].id).toBe(made.json.id);
  }
  expect((await graph("GET", `/servicePrincipals(appId='${appId}')`)).json.id).toBe(made.json.id);
  expect(await said(graph("POST", "/servicePrincipals", { appId }))).toEqual([
    409,
    "Request_MultipleObjectsWithSameKeyValue",
    `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`,
  ]);
  const orphan = await graph("POST", "/servicePrincipals", { appId: nobody });
  expect(await said(orphan)).toEqual([
    400,
    "Request_BadRequest",
    `The appId '${nobody}' of the service principal does not reference a valid application object.`,
  ]);
  expect(orphan.json.error.details).toMatchObject([{ code: "NoBackingApplicationObject" }]);
});

test("a deleted application takes its service principal with it, into a bin that keeps both for thirty days", async () => {
  const { id, appId, principal } = await lab.newClient("doomed");
  expect((await graph("DELETE", `/applications/${id}`)).status).toBe(204);
  for (const [path, name] of [
    [`/applications/${id}`, id],
    [`/applications(appId='${appId}')`, appId],
    [`/servicePrincipals/${principal}`, principal],
  ] as const) {
    expect(await said(graph("GET", path))).toEqual(notFound(name));
  }
  expect(await said(graph("DELETE", `/applications/${id}`))).toEqual(notFound(id));
  const binned = (await graph("GET", "/directory/deletedItems/microsoft.graph.application")).json.value;
  expect(binned).toMatchObject([{ id, appId, deletedDateTime: "2026-06-01T12:00:00Z" }]);
  expect((await graph("GET", `/directory/deletedItems/${principal}`)).json).toMatchObject({
    "@odata.type": "#microsoft.graph.servicePrincipal",
    id: principal,
  });
  // The service principal is restored by itself.
  expect((await graph("POST", `/directory/deletedItems/${id}/restore`)).json).toMatchObject({ id, deletedDateTime: null });
  expect((await graph("GET", `/applications/${id}`)).status).toBe(200);
  expect((await graph("GET", `/servicePrincipals/${principal}`)).status).toBe(404);
  expect((await graph("POST", `/directory/deletedItems/${principal}/restore`)).status).toBe(200);
  expect((await graph("GET", `/servicePrincipals/${principal}`)).status).toBe(200);

  await graph("DELETE", `/applications/${id}`);
  const again = (await graph("POST", "/applications", { displayName: "doomed" })).json;
  await graph("DELETE", `/applications/${again.id}`);
  expect((await graph("DELETE", `/directory/deletedItems/${id}`)).status).toBe(204);
  expect(await said(graph("DELETE", `/directory/deletedItems/${id}`))).toEqual(notFound(id));
  clock.advance(30 * 86_400_000);
  expect(await said(graph("GET", `/directory/deletedItems/${again.id}`))).toEqual(notFound(again.id));
});

test("a service principal is not restored beside another of its application", async () => {
  const { appId, principal } = await lab.newClient("twice");
  await graph("DELETE", `/servicePrincipals/${principal}`);
  expect((await graph("POST", "/servicePrincipals", { appId })).status).toBe(201);
  expect((await said(graph("POST", `/directory/deletedItems/${principal}/restore`))).slice(0, 2)).toEqual([
    409,
    "Request_MultipleObjectsWithSameKeyValue",
  ]);
});

test("what the local Azure does not play of Graph it says itself", async () => {
  for (const path of ["/v1.0/sites", "/beta/applications", "/"]) {
    expect((await said(graph("GET", `${ready.graph_endpoint}${path}`))).slice(0, 2)).toEqual([501, "NotImplemented"]);
  }
});
