import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { handClock } from "./support.ts";
import { denied, notFound, openGraphLab, said } from "./graph-lab.ts";

const clock = handClock();
const lab = await openGraphLab({ clock });
const { graph, ready } = lab;
const strong = "Correct-Horse-1";
const upn = (name: string): string => `${name}@local.onmicrosoft.com`;
const reference = (id: string): object => ({ "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
const nobody = "00000000-0000-4000-8000-000000000000";

async function newUser(name: string, change: object = {}): Promise<string> {
  const { json } = await lab.control("PUT", "/users", { user_principal_name: upn(name), password: strong, ...change });
  return json.id;
}

/** The grant of a name and a password: the claims of the token, or why there is none. */
async function login(username: string, password: string, change: Record<string, string> = {}): Promise<Record<string, unknown> | string> {
  const form = { grant_type: "password", client_id: ready.client_id, client_secret: ready.client_secret, username, password };
  const body = new URLSearchParams({ ...form, scope: "https://graph.microsoft.com/.default openid", ...change }).toString();
  const { status, json } = await lab.https("POST", `${ready.authority_host}/${ready.tenant_id}/oauth2/v2.0/token`, { body });
  if (status !== 200) return `${status} ${json.error} ${json.error_codes[0]}`;
  return { ...JSON.parse(Buffer.from(json.access_token.split(".")[1], "base64url").toString()), token: json.access_token };
}

test("a user is created, found by id, by name and by the form for odd names, and shown by eleven properties", async () => {
  const body = { accountEnabled: true, displayName: "Ada", mailNickname: "ada", userPrincipalName: upn("ada") };
  const made = await graph("POST", "/users", { ...body, passwordProfile: { password: strong, forceChangePasswordNextSignIn: false } });
  expect(made.status).toBe(201);
  const { id } = made.json;
  const { "@odata.context": context, ...shown } = (await graph("GET", `/users/${id}`)).json;
  expect(context).toBe(`${ready.graph_endpoint}/v1.0/$metadata#users/$entity`);
  expect(Object.keys(shown).toSorted()).toEqual(
    [
      "businessPhones",
      "displayName",
      "givenName",
      "id",
      "jobTitle",
      "mail",
      "mobilePhone",
      "officeLocation",
      "preferredLanguage",
      "surname",
      "userPrincipalName",
    ].toSorted(),
  );
  for (const path of [`/users/${upn("ADA")}`, `/users('${upn("ada")}')`, `/users/${upn("ada").replace("@", "%40")}`]) {
    expect((await graph("GET", path)).json.id).toBe(id);
  }
  expect((await graph("GET", `/users?$filter=userPrincipalName eq '${upn("ada")}'`.replaceAll(" ", "%20"))).json.value).toMatchObject([
    { id },
  ]);
  expect((await graph("GET", `/users/${id}?$select=accountEnabled,passwordProfile`)).json).toMatchObject({
    accountEnabled: true,
    passwordProfile: null,
  });
  await newUser("$odd#1");
  expect((await graph("GET", `/users('$odd%231@local.onmicrosoft.com')`)).json.userPrincipalName).toBe(upn("$odd#1"));
  expect(await said(graph("GET", `/users/${upn("nobody")}`))).toEqual(notFound(upn("nobody")));
  expect((await said(graph("POST", "/users", body)))[2]).toBe("A value is required for property 'passwordProfile' of resource 'User'.");
  expect((await said(graph("POST", "/users", { ...body, passwordProfile: { password: strong } })))[0]).toBe(400);
});

test("a password is set by the permission for passwords, answers nothing, and logs in from then on instead of the old one", async () => {
  const id = await newUser("grace");
  const profile = { password: "Another-Horse-2", forceChangePasswordNextSignIn: false };
  expect(await login(upn("grace"), strong)).toMatchObject({ upn: upn("grace"), oid: id, idtyp: "user", appid: ready.client_id });
  const { status, text } = await graph("PATCH", `/users/${upn("grace")}`, { passwordProfile: profile });
  expect([status, text]).toEqual([204, ""]);
  expect(await login(upn("grace"), strong)).toBe("400 invalid_grant 50126");
  expect(await login(upn("Grace"), profile.password)).toMatchObject({ oid: id });

  const client = await lab.newClient("user-admin");
  await lab.control("PUT", "/graph-roles", { principal: client.appId, roles: ["User.ReadWrite.All"] });
  const token = { token: await lab.tokenOf(client) };
  expect(await said(graph("PATCH", `/users/${id}`, { passwordProfile: profile }, token))).toEqual(denied);
  expect((await graph("PATCH", `/users/${id}`, { displayName: "Grace H" }, token)).status).toBe(204);
  await lab.control("PUT", "/graph-roles", { principal: client.appId, roles: ["User-PasswordProfile.ReadWrite.All"] });
  const narrow = { token: await lab.tokenOf(client) };
  expect((await graph("PATCH", `/users/${id}`, { passwordProfile: profile }, narrow)).status).toBe(204);
  expect(await said(graph("PATCH", `/users/${id}`, { displayName: "x", passwordProfile: profile }, narrow))).toEqual(denied);
  expect(await said(graph("PATCH", `/users/${await newUser("root", { admin: true })}`, { passwordProfile: profile }))).toEqual(denied);
});

test.each(["Short-1", "alllowercase", "nodigits-nocase", `Aa1-${"x".repeat(253)}`, "Marie-Curie-1"])(
  "the password %j does not comply, and the old one stays",
  async (password) => {
    await newUser("marie");
    const reply = graph("PATCH", `/users/${upn("marie")}`, { passwordProfile: { password, forceChangePasswordNextSignIn: false } });
    expect(await said(reply)).toEqual([
      400,
      "Request_BadRequest",
      "The specified password does not comply with password complexity requirements. Please provide a different password.",
    ]);
    expect(await login(upn("marie"), strong)).toMatchObject({ upn: upn("marie") });
  },
);

test("a password that must be changed does not log in, which is Graph's default", async () => {
  const id = await newUser("hedy");
  await graph("PATCH", `/users/${id}`, { passwordProfile: { password: strong } });
  expect(await login(upn("hedy"), strong)).toBe("400 invalid_grant 50055");
  expect((await lab.control("GET", "/users")).json.users.find((each: { id: string }) => each.id === id)).toMatchObject({
    must_change: true,
  });
  await graph("PATCH", `/users/${id}`, { passwordProfile: { forceChangePasswordNextSignIn: false } });
  expect(await login(upn("hedy"), strong)).toMatchObject({ oid: id });
});

test("until a new password has replicated the old one logs in", async () => {
  const id = await newUser("rosa");
  await lab.control("PUT", "/settings", { replication: { passwords: 60_000 } });
  const next = "Another-Horse-2";
  await graph("PATCH", `/users/${id}`, { passwordProfile: { password: next, forceChangePasswordNextSignIn: false } });
  expect([typeof (await login(upn("rosa"), strong)), await login(upn("rosa"), next)]).toEqual(["object", "400 invalid_grant 50126"]);
  clock.advance(60_000);
  expect([await login(upn("rosa"), strong), typeof (await login(upn("rosa"), next))]).toEqual(["400 invalid_grant 50126", "object"]);
  await lab.control("PUT", "/settings", { replication: 0 });
});

test("a tenant may ask for more than a password, or allow none; each refusal has its number", async () => {
  await newUser("alan");
  await newUser("off", { enabled: false });
  const name = upn("alan");
  expect(await login(upn("nobody"), strong)).toBe("400 invalid_grant 50034");
  expect(await login(upn("off"), strong)).toBe("400 invalid_grant 50057");
  expect(await login(name, strong, { client_secret: "" })).toBe("401 invalid_client 7000218");
  expect(await login(name, strong, { client_secret: "wrong" })).toBe("401 invalid_client 7000215");
  expect(await login(name, strong, { client_secret: "", client_id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46" })).toMatchObject({ upn: name });
  expect(await login("", strong)).toBe("400 invalid_request 900144");
  await lab.control("PUT", "/settings", { userLogin: "mfa" });
  expect([await login(name, strong), await login(name, "wrong")]).toEqual(["400 invalid_grant 50076", "400 invalid_grant 50126"]);
  await lab.control("PUT", "/settings", { userLogin: "blocked" });
  expect(await login(name, strong)).toBe("400 invalid_grant 53003");
  await lab.control("PUT", "/settings", { userLogin: "password" });
  expect((await lab.control("PUT", "/settings", { userLogin: "never" })).status).toBe(400);
  const { token } = (await login(name, strong)) as { token: string };
  expect((await graph("GET", "/me", undefined, { token })).json.userPrincipalName).toBe(name);
  expect(await said(graph("GET", "/users", undefined, { token }))).toEqual(denied);
});

test("members of a group are added once, also by a compressed body, shown with their type, counted through groups, and removed", async () => {
  const group = async (name: string): Promise<string> =>
    (await graph("POST", "/groups", { displayName: name, mailNickname: name, mailEnabled: false, securityEnabled: true })).json.id;
  const [inner, outer] = [await group("inner"), await group("outer")];
  const { principal } = await lab.newClient("member");
  const user = await newUser("member");
  const add = (id: string, other: string) => graph("POST", `/groups/${id}/members/$ref`, reference(other));
  const body = gzipSync(JSON.stringify({ "@odata.type": "#microsoft.graph.referenceCreate", ...reference(principal) }));
  const headers = { authorization: `Bearer ${await lab.tokenOf({ appId: ready.client_id, secret: ready.client_secret })}` };
  const zipped = { ...headers, "content-encoding": "gzip", "content-type": "application/json", "user-agent": "kiota-go/1.5.4" };
  expect((await lab.https("POST", `${ready.graph_endpoint}/v1.0/groups/${inner}/members/$ref`, { headers: zipped, body })).status).toBe(
    204,
  );
  expect((await add(inner, user)).status).toBe(204);
  expect((await add(outer, inner)).status).toBe(204);
  expect(await said(add(inner, user))).toEqual([
    400,
    "Request_BadRequest",
    "One or more added object references already exist for the following modified properties: 'members'.",
  ]);
  expect(await said(add(inner, nobody))).toEqual(notFound(nobody));
  const { value } = (await graph("GET", `/groups/${inner}/members`)).json;
  expect(new Map(value.map((row: Record<string, string>) => [row["id"], row["@odata.type"]]))).toEqual(
    new Map([
      [principal, "#microsoft.graph.servicePrincipal"],
      [user, "#microsoft.graph.user"],
    ]),
  );
  const check = (id: string) => graph("POST", `/directoryObjects/${id}/checkMemberGroups`, { groupIds: [outer, nobody] });
  expect((await check(principal)).json.value).toEqual([outer]);
  expect((await graph("POST", `/users/${upn("member")}/getMemberGroups`, { securityEnabledOnly: false })).json.value.toSorted()).toEqual(
    [inner, outer].toSorted(),
  );
  expect((await graph("DELETE", `/groups/${inner}/members/${principal}/$ref`)).status).toBe(204);
  expect(await said(graph("DELETE", `/groups/${inner}/members/${principal}/$ref`))).toEqual(notFound(principal));
  expect((await check(principal)).json.value).toEqual([]);
  expect((await graph("DELETE", `/groups/${outer}`)).status).toBe(204);
  // A security group has no bin.
  expect(await said(graph("GET", `/directory/deletedItems/${outer}`))).toEqual(notFound(outer));
});

test("a member is one after its own time", async () => {
  const { id } = (await graph("POST", "/groups", { displayName: "late", mailNickname: "late", mailEnabled: false, securityEnabled: true }))
    .json;
  const user = await newUser("late");
  await lab.control("PUT", "/settings", { replication: { members: 5_000 } });
  await graph("POST", `/groups/${id}/members/$ref`, reference(user));
  const members = async () => (await graph("GET", `/groups/${id}/members`)).json.value.length;
  expect(await members()).toBe(0);
  clock.advance(5_000);
  expect(await members()).toBe(1);
  await lab.control("PUT", "/settings", { replication: 0 });
});

test("ids are looked up in bulk with their types, and the unknown are missing without a word", async () => {
  const { principal, id } = await lab.newClient("bulk");
  const user = await newUser("bulk");
  const body = { ids: [nobody, user, principal, id], types: ["user", "group", "servicePrincipal", "directoryObjectPartnerReference"] };
  const { value } = (await graph("POST", "/directoryObjects/getByIds", body)).json;
  expect(value.map((row: Record<string, string>) => [row["id"], row["@odata.type"]])).toEqual([
    [user, "#microsoft.graph.user"],
    [principal, "#microsoft.graph.servicePrincipal"],
  ]);
  expect((await graph("GET", `/directoryObjects/${user}`)).json).toMatchObject({ "@odata.type": "#microsoft.graph.user", id: user });
  expect(await said(graph("GET", `/directoryObjects/${nobody}`))).toEqual(notFound(nobody));
  expect((await said(graph("POST", "/directoryObjects/getByIds", { ids: [] })))[0]).toBe(400);
});
