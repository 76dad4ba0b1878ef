import { expect, test } from "vitest";
import { openLab } from "./support.ts";

const lab = await openLab();
await lab.control("PUT", "/settings", { delays: { issue: 0 } });
const policy = { issuer: { name: "Self" }, x509_props: { subject: "CN=x" }, key_props: { kty: "EC" } };

const calls = {
  list: ["GET", "/certificates"],
  get: ["GET", "/certificates/there"],
  create: ["POST", "/certificates/new/create", { policy }],
  import: ["POST", "/certificates/new/import", { value: "" }],
  update: ["PATCH", "/certificates/there", { tags: {} }],
  policy: ["PATCH", "/certificates/there/policy", {}],
  backup: ["POST", "/certificates/there/backup"],
  restore: ["POST", "/certificates/restore", { value: "" }],
  recover: ["POST", "/deletedcertificates/nobody/recover"],
  purge: ["DELETE", "/deletedcertificates/nobody"],
  delete: ["DELETE", "/certificates/nobody"],
  secret: ["GET", "/secrets/there"],
  key: ["GET", "/keys/there"],
} as const;

await lab.vault("POST", "/certificates/there/create", { policy });

async function allowed(): Promise<string[]> {
  const found: string[] = [];
  for (const [name, [method, path, body]] of Object.entries(calls)) {
    if ((await lab.vault(method, path, body)).status !== 403) found.push(name);
    await lab.vault("DELETE", "/certificates/new/pending");
  }
  return found;
}

const officer = ["list", "get", "create", "import", "update", "policy", "backup", "restore", "recover", "purge", "delete"];

test.each([
  ["Key Vault Administrator", [...officer, "secret", "key"]],
  ["Key Vault Certificates Officer", officer],
  ["Key Vault Certificate User", ["list", "get", "secret", "key"]],
  ["Key Vault Reader", ["list", "get", "key"]],
  ["Key Vault Secrets Officer", ["secret"]],
  ["Key Vault Secrets User", ["secret"]],
  ["Key Vault Purge Operator", []],
  ["Contributor", []],
])("%s may %j", async (role, expected) => {
  await lab.control("PUT", "/role-assignments", { roles: [role] });
  expect(await allowed()).toEqual(expected);
  await lab.control("PUT", "/role-assignments", { actions: ["*"] });
});

test("a refusal names the action and the certificate", async () => {
  await lab.control("PUT", "/role-assignments", { roles: ["Key Vault Secrets Officer"] });
  const { error } = (await lab.vault("POST", "/certificates/new/import", {})).json;
  await lab.control("PUT", "/role-assignments", { actions: ["*"] });
  expect(error.innererror).toEqual({ code: "ForbiddenByRbac" });
  expect(error.message).toContain("\r\nAction: 'Microsoft.KeyVault/vaults/certificates/import/action'\r\n");
  expect(error.message).toMatch(/\r\nResource: '\/subscriptions\/[^']+\/vaults\/demo\/certificates\/new'\r\n/);
});

test("an access policy on secrets alone leaves certificates out, and says which permission is missing", async () => {
  await lab.control("PUT", "/settings", { access: "policies" });
  await lab.control("PUT", "/access-policies", { secrets: ["all"] });
  expect(await allowed()).toEqual(["secret"]);
  const { error } = (await lab.vault("GET", "/certificates")).json;
  expect([error.innererror.code, error.message.includes("does not have certificates list permission on key vault 'demo;")]).toEqual([
    "ForbiddenByPolicy",
    true,
  ]);
  await lab.control("PUT", "/access-policies", { certificates: ["get", "import"] });
  expect(await allowed()).toEqual(["get", "import"]);
  expect((await lab.vault("GET", "/deletedcertificates/x")).status).toBe(404);
  await lab.control("PUT", "/access-policies", { certificates: ["all"], secrets: ["all"], keys: ["all"] });
  expect(await allowed()).toEqual(Object.keys(calls));
});
