import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { armOf, role, said } from "./arm-support.ts";
import { handClock, openLab, type Reply } from "./support.ts";

// Principals that Graph makes, as ARM and the vaults see them: what a program goes through that hands out identities.
const clock = handClock();
const lab = await openLab({ clock });
const { ready } = lab;
const demo = `/subscriptions/${ready.subscription_id}/resourceGroups/local/providers/Microsoft.KeyVault/vaults/demo`;
const arm = armOf(lab, await lab.token("https://management.azure.com/.default"));
const graphToken = await lab.token("https://graph.microsoft.com/.default");

beforeAll(() => lab.control("PUT", "/settings", { delays: { role: 0 }, replication: { arm: 20_000 } }));

async function graph(path: string, body: object): Promise<Reply["json"]> {
  const headers = { authorization: `Bearer ${graphToken}`, "content-type": "application/json" };
  const { status, json } = await lab.https("POST", `${ready.graph_endpoint}/v1.0${path}`, { headers, body });
  expect(status).toBeLessThan(300);
  return json;
}

/** A service principal, and what it says to a vault. */
async function createPrincipal(): Promise<{ id: string; vaultStatus(): Promise<number> }> {
  const { appId } = await graph("/applications", { displayName: "dynamic" });
  const { id } = await graph("/servicePrincipals", { appId });
  const { secretText } = await graph(`/servicePrincipals/${id}/addPassword`, { passwordCredential: { displayName: "one" } });
  const form = { grant_type: "client_credentials", client_id: appId, client_secret: secretText, scope: "https://vault.azure.net/.default" };
  const login = await lab.https("POST", `${ready.authority_host}/${ready.tenant_id}/oauth2/v2.0/token`, {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
  const token = login.json.access_token;
  return { id, vaultStatus: async () => (await lab.vault("GET", "/secrets", undefined, { token })).status };
}

async function assign(principalId: string): Promise<Reply> {
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${role.secretsUser}`;
  const id = `${demo}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
  return arm("PUT", id, { properties: { roleDefinitionId, principalId } });
}

test("a new principal may do nothing, is PrincipalNotFound until ARM has heard of it, and may then do what it was assigned", async () => {
  const { id, vaultStatus } = await createPrincipal();
  expect(await vaultStatus()).toBe(403);
  expect(said(await assign(id)).slice(0, 2)).toEqual([400, "PrincipalNotFound"]);
  clock.advance(20_000);
  const made = await assign(id);
  expect([made.status, made.json.properties.principalType, await vaultStatus()]).toEqual([201, "ServicePrincipal", 200]);
  await arm("DELETE", made.json.id);
  expect(await vaultStatus()).toBe(403);
});

test("a role of a group counts for its members, and assignedTo() finds it", async () => {
  const { id, vaultStatus } = await createPrincipal();
  const group = await graph("/groups", { displayName: "readers", mailNickname: "readers", mailEnabled: false, securityEnabled: true });
  clock.advance(20_000);
  const made = await assign(group.id);
  expect([made.status, made.json.properties.principalType, await vaultStatus()]).toEqual([201, "Group", 403]);
  await graph(`/groups/${group.id}/members/$ref`, { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
  expect(await vaultStatus()).toBe(200);
  const filter = encodeURIComponent(`atScope() and assignedTo('${id}')`);
  const listed = await arm("GET", `${demo}/providers/Microsoft.Authorization/roleAssignments?$filter=${filter}`);
  expect(listed.json.value.map((each: { id: string }) => each.id)).toEqual([made.json.id]);
});
