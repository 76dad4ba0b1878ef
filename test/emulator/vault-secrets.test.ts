import { expect, test } from "vitest";
import { handClock, openLab, type Lab } from "./support.ts";

const clock = handClock();
const lab = await openLab({ clock });
const base = lab.ready.vaults[0]?.direct_url ?? "";

async function listed(path: string, on: Lab = lab): Promise<{ ids: string[]; pages: number[]; links: string[] }> {
  const found: { ids: string[]; pages: number[]; links: string[] } = { ids: [], pages: [], links: [] };
  for (let next: string | null = path; next !== null;) {
    const reply = await on.vault("GET", next.replace(/^https:\/\/[^/]+/, ""));
    expect(reply.status).toBe(200);
    found.ids.push(...reply.json.value.map(({ id }: { id: string }) => id));
    found.pages.push(reply.json.value.length);
    next = reply.json.nextLink;
    if (next !== null) found.links.push(next);
  }
  return found;
}

test("a new secret comes back whole, with the headers of a vault, and nothing that was not set", async () => {
  const reply = await lab.vault("PUT", "/secrets/Plain", { value: "line\r\nline\n" }, { headers: { "x-ms-client-request-id": "mine" } });
  expect(reply.status).toBe(200);
  const now = clock.now() / 1000;
  const attributes = { enabled: true, created: now, updated: now, recoveryLevel: "Recoverable+Purgeable", recoverableDays: 90 };
  expect(reply.json).toEqual({ value: "line\r\nline\n", id: expect.stringMatching(/\/secrets\/Plain\/[0-9a-f]{32}$/), attributes });
  expect(reply.json.id.startsWith(`${base}/secrets/`)).toBe(true);
  expect(reply.headers).toMatchObject({
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    "content-type": "application/json; charset=utf-8",
    "strict-transport-security": "max-age=31536000;includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-ms-keyvault-rbac-assignment-id": expect.stringMatching(/^[0-9a-f-]{36}$/u),
    "x-ms-keyvault-rbac-cache": expect.stringContaining("dec_lev="),
    "x-ms-client-request-id": "mine",
    "x-ms-keyvault-region": "eastus",
    "x-ms-request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test("the latest version is found with and without a trailing slash, whatever the case of the name", async () => {
  await lab.vault("PUT", "/secrets/slash", { value: "1" });
  const { json } = await lab.vault("PUT", "/secrets/slash", { value: "2" });
  for (const path of ["/secrets/slash", "/secrets/slash/", "/secrets/SLASH/", "//secrets/slash/", json.id.slice(base.length)]) {
    expect((await lab.vault("GET", path)).json.value).toBe("2");
  }
});

test("a new version inherits nothing", async () => {
  await lab.vault("PUT", "/secrets/heir", {
    value: "1",
    contentType: "text/plain",
    tags: { a: "1" },
    attributes: { exp: 2_000_000_000, nbf: 5 },
  });
  const second = (await lab.vault("PUT", "/secrets/heir", { value: "2" })).json;
  expect([second.contentType, second.tags, second.attributes.exp, second.attributes.nbf]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("an update answers without the value; tags are replaced whole, {} clears them, silence keeps them", async () => {
  const made = (await lab.vault("PUT", "/secrets/patched", { value: "v", tags: { a: "1", b: "2" } })).json;
  clock.advance(5_000);
  const kept = (await lab.vault("PATCH", "/secrets/patched/", { contentType: "text/x" })).json;
  expect(kept).toMatchObject({ id: made.id, contentType: "text/x", tags: { a: "1", b: "2" } });
  expect(kept).not.toHaveProperty("value");
  expect(kept.attributes.updated).toBe(made.attributes.updated + 5);
  expect((await lab.vault("PATCH", "/secrets/patched", { tags: { c: "3" } })).json.tags).toEqual({ c: "3" });
  expect((await lab.vault("PATCH", "/secrets/patched", { tags: {} })).json.tags).toEqual({});
  expect((await lab.vault("GET", "/secrets/patched")).json.tags).toEqual({});
});

test("a disabled secret cannot be read, can be updated, and is listed", async () => {
  await lab.vault("PUT", "/secrets/off", { value: "v", attributes: { enabled: false } });
  const reply = await lab.vault("GET", "/secrets/off");
  expect([reply.status, reply.text]).toEqual([
    403,
    '{"error":{"code":"Forbidden","message":"Operation get is not allowed on a disabled secret.","innererror":{"code":"SecretDisabled"}}}',
  ]);
  expect((await listed("/secrets")).ids).toContain(`${base}/secrets/off`);
  expect((await lab.vault("PATCH", "/secrets/off", { attributes: { enabled: true } })).status).toBe(200);
});

test("an absent secret or version is not found, in the service's words; unknown versions are an empty list", async () => {
  const words = (id: string): string =>
    `A secret with (name/id) ${id} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`;
  const absent = await lab.vault("GET", "/secrets/absent");
  expect([absent.status, absent.json]).toEqual([404, { error: { code: "SecretNotFound", message: words("absent") } }]);
  await lab.vault("PUT", "/secrets/here", { value: "v" });
  const version = "0".repeat(32);
  expect((await lab.vault("GET", `/secrets/here/${version}`)).json.error.message).toBe(words(`here/${version}`));
  expect((await lab.vault("DELETE", "/secrets/absent")).status).toBe(404);
  expect((await lab.vault("GET", "/secrets/absent/versions")).json).toEqual({ value: [], nextLink: null });
});

test("a list has pages of 25 in the order of names without regard to case, no values and no versions", async () => {
  const fresh = await openLab();
  const names = Array.from({ length: 60 }, (_, index) => `${index % 2 === 0 ? "N" : "n"}ame-${String(index).padStart(2, "0")}`);
  for (const name of names.toReversed()) await fresh.vault("PUT", `/secrets/${name}`, { value: "v" });
  const direct = fresh.ready.vaults[0]?.direct_url;
  const all = await listed("/secrets", fresh);
  expect(all.pages).toEqual([25, 25, 10]);
  expect(all.ids).toEqual(names.map((name) => `${direct}/secrets/${name}`));
  expect(all.links[0]).toMatch(new RegExp(`^${direct}/secrets\\?api-version=7\\.4&\\$skiptoken=[0-9A-Za-z_-]+$`));
  const small = await listed("/secrets?maxresults=20", fresh);
  expect([small.pages, small.links.every((link) => link.endsWith("&maxresults=20"))]).toEqual([[20, 20, 20], true]);

  await fresh.control("PUT", "/settings", { emptyPages: 2 });
  const sparse = await listed("/secrets", fresh);
  expect([sparse.pages, sparse.ids]).toEqual([[0, 0, 25, 0, 0, 25, 0, 0, 10], all.ids]);
});

test("versions are ordered by their id", async () => {
  for (let index = 0; index < 30; index += 1) await lab.vault("PUT", "/secrets/many", { value: String(index) });
  const { ids, pages } = await listed("/secrets/many/versions");
  expect(pages).toEqual([25, 5]);
  expect(ids).toEqual(ids.toSorted());
});

test("deletion, recovery and purge take their time, and say so", async () => {
  const made = (await lab.vault("PUT", "/secrets/life", { value: "v" })).json;
  const deleted = (await lab.vault("DELETE", "/secrets/life")).json;
  expect(deleted).toMatchObject({ id: made.id, recoveryId: `${base}/deletedsecrets/life` });
  expect(deleted.scheduledPurgeDate - deleted.deletedDate).toBe(90 * 86_400);
  expect(deleted).not.toHaveProperty("value");

  const said = async (method: string, path: string, body?: object): Promise<unknown[]> => {
    const { status, json } = await lab.vault(method, path, body);
    return [status, json?.error?.code, json?.error?.innererror?.code, json?.error?.message];
  };
  const beingDeleted = [409, "Conflict", "ObjectIsBeingDeleted"];
  expect(await said("GET", "/deletedsecrets/life")).toEqual([404, "SecretNotFound", undefined, "Deleted Secret not found: life"]);
  expect((await listed("/deletedsecrets")).ids).toEqual([]);
  expect(await said("PUT", "/secrets/life", { value: "w" })).toEqual([
    ...beingDeleted,
    "Secret life is currently being deleted and cannot be re-created; retry later.",
  ]);
  expect(await said("POST", "/deletedsecrets/life/recover")).toEqual([...beingDeleted, "Secret life is currently being deleted."]);
  expect(await said("DELETE", "/deletedsecrets/life")).toEqual([...beingDeleted, "Secret is currently being deleted."]);

  clock.advance(200);
  expect((await lab.vault("GET", "/deletedsecrets/life")).json).toEqual(deleted);
  expect((await listed("/deletedsecrets")).ids).toEqual([`${base}/secrets/life`]);
  expect(await said("PUT", "/secrets/life", { value: "w" })).toEqual([
    409,
    "Conflict",
    "ObjectIsDeletedButRecoverable",
    "Secret life is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.",
  ]);

  expect((await lab.vault("POST", "/deletedsecrets/life/recover")).json.id).toBe(made.id);
  expect((await lab.vault("GET", "/secrets/life")).status).toBe(404);
  clock.advance(100);
  expect((await lab.vault("GET", "/secrets/life")).json).toMatchObject({ id: made.id, value: "v" });
  expect(await said("POST", "/deletedsecrets/life/recover")).toEqual([
    400,
    "MethodNotAllowed",
    "RequestNotAllowedOnNonDeletedObject",
    "Secret exists already: life",
  ]);

  await lab.vault("DELETE", "/secrets/life");
  clock.advance(200);
  const purged = await lab.vault("DELETE", "/deletedsecrets/life");
  expect([purged.status, purged.text, purged.headers["content-length"]]).toEqual([204, "", undefined]);
  expect((await said("PUT", "/secrets/life", { value: "w" }))[2]).toBe("ObjectIsBeingDeleted");
  clock.advance(100);
  expect((await lab.vault("PUT", "/secrets/life", { value: "w" })).status).toBe(200);
});

test("a deleted secret that was disabled answers 403, and retention ends by itself", async () => {
  await lab.vault("PUT", "/secrets/gone", { value: "v", attributes: { enabled: false } });
  await lab.vault("DELETE", "/secrets/gone");
  clock.advance(200);
  expect((await lab.vault("GET", "/deletedsecrets/gone")).json.error.innererror).toEqual({ code: "SecretDisabled" });
  clock.advance(91 * 86_400_000);
  const token = await lab.token();
  expect((await lab.vault("GET", "/deletedsecrets/gone", undefined, { token })).status).toBe(404);
  clock.advance(-91 * 86_400_000);
});

test("purge protection refuses a purge and changes the recovery level", async () => {
  await lab.control("PUT", "/settings", { purgeProtection: { demo: true } });
  const made = await lab.vault("PUT", "/secrets/kept", { value: "v" });
  expect(made.json.attributes.recoveryLevel).toBe("Recoverable");
  await lab.vault("DELETE", "/secrets/kept");
  clock.advance(200);
  const reply = await lab.vault("DELETE", "/deletedsecrets/kept");
  expect([reply.status, reply.json.error.message]).toEqual([
    403,
    'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: demo;location=eastus',
  ]);
  await lab.control("PUT", "/settings", { purgeProtection: false });
});

test("a backup brings all versions back, here or in another vault, and is refused when it is spoilt or the name is in use", async () => {
  for (const value of ["1", "2"]) await lab.vault("PUT", "/secrets/saved", { value });
  const { value } = (await lab.vault("POST", "/secrets/saved/backup")).json;
  expect(value).toMatch(/^[0-9A-Za-z_-]+$/);
  const conflict = await lab.vault("POST", "/secrets/restore", { value });
  expect([conflict.status, conflict.json.error.code]).toEqual([409, "Conflict"]);
  expect(conflict.json.error.message).toMatch(
    /^There was a conflict restoring the secret 'https:.*\/secrets\/saved\/[0-9a-f]{32}'\. This can happen if either: /,
  );
  const spoilt = await lab.vault("POST", "/secrets/restore", { value: `x${value}` });
  expect([spoilt.status, spoilt.json.error]).toEqual([
    400,
    { code: "Malformed backup blob", message: "Backup blob contains invalid or corrupt version." },
  ]);
  const other = lab.ready.vaults[1]?.direct_url;
  const headers = { authorization: `Bearer ${await lab.token()}` };
  const restored = await lab.https("POST", `${other}/secrets/restore?api-version=7.4`, { headers, body: { value } });
  expect([restored.status, restored.json.value]).toEqual([200, undefined]);
  const versions = await lab.https("GET", `${other}/secrets/saved/versions?api-version=7.4`, { headers });
  expect(versions.json.value).toHaveLength(2);
});

test("the secret behind a certificate is marked and cannot be deleted by itself", async () => {
  await lab.control("PUT", "/secrets/demo/behind", { value: "pfx", contentType: "application/x-pkcs12", managed: true });
  const { json } = await lab.vault("GET", "/secrets/behind");
  expect([json.managed, json.kid]).toEqual([true, json.id.replace("/secrets/", "/keys/")]);
  const reply = await lab.vault("DELETE", "/secrets/behind");
  expect([reply.status, reply.json.error]).toEqual([
    403,
    {
      code: "Forbidden",
      message: 'Operation "delete" is not allowed as this object\'s lifetime is managed by Key Vault.',
      innererror: { code: "SecretManagedByKeyVault" },
    },
  ]);
});
