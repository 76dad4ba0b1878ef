import { afterAll, afterEach, describe, expect, it } from "vitest";
import { errorDocument } from "../../src/kernel/errors.ts";
import { algorithms, family } from "../adapters/x509/family.ts";
import { openssl } from "../adapters/x509/openssl.ts";
import { azureHouse } from "../support/azure-house.ts";

const house = await azureHouse();
const judge = openssl();
const { pem } = family(judge, algorithms["EC P-256"]);
afterAll(() => judge.close());
afterEach(async () => {
  await house.control("PUT", "/settings", { access: "rbac" });
  await house.control("PUT", "/role-assignments", { actions: ["*"] });
});

const kind = { "object-type": "certificate" };
const chain = { "cert-data": pem.leaf, "key-data": pem.key, "chain-data": pem.root + pem.intermediate };
const create = (name: string, input: object) => house.call("create", { ...kind, "secret-name": name, ...input });
const get = (name: string, input: object = {}) => house.call("get", { ...kind, "secret-id": name, ...input });
const text = (answer: Record<string, unknown> | undefined): string => Buffer.from(String(answer?.["value"]), "base64").toString();
/** Both what went wrong and what to do about it. */
const said = (error: unknown): string => Object.values(errorDocument(error)).join(" ");

await create("mine", chain);

const role = (...roles: string[]) => house.control("PUT", "/role-assignments", { roles });
const policy = async (permissions: object) => {
  await house.control("PUT", "/settings", { access: "policies" });
  await house.control("PUT", "/access-policies", permissions);
};
const only = {
  "certificates, by role": () => role("Key Vault Certificates Officer"),
  "certificates, by access policy": () => policy({ certificates: ["all"] }),
  "secrets, by role": () => role("Key Vault Secrets Officer"),
  "secrets, by access policy": () => policy({ secrets: ["all"] }),
};

describe("who has rights", () => {
  it.each([
    ["certificates, by role", /secrets\/getSecret\/action.* Assign the role Key Vault Secrets User at the scope \/subscriptions\//u],
    ["certificates, by access policy", /\(secrets get\).* Give .* the permission "secrets get"/u],
  ] as const)("of %s: the leaf alone, and which right the rest needs", async (rights, why) => {
    await only[rights]();
    const { answer } = await get("mine");
    expect(text(answer)).toBe(pem.leaf);
    const missing = ["private_key", "chain"].map((part) => ({ part, why: expect.stringMatching(why) }));
    expect(answer).toMatchObject({ metadata: { not_included: missing } });
    const pfx = await get("mine", { "certificate-format": "pfx" });
    expect([pfx.code, said(pfx.error)]).toEqual(["forbidden", expect.stringMatching(why)]);
    expect((await get("mine", { "certificate-format": "der" })).code).toBe("ok");
  });

  it.each([
    ["secrets, by role", /Assign the role Key Vault (?:Reader or Key Vault Certificate User|Certificates Officer)/u],
    ["secrets, by access policy", /Give .* the permission "certificates [a-z]+"/u],
  ] as const)("of %s: forbidden, and that secrets are allowed and certificates are not", async (rights, hint) => {
    await only[rights]();
    const calls = [
      await get("mine"),
      await house.call("list", kind),
      await create("another", { ...chain, overwrite: true }),
      await create("another", { subject: "CN=x" }),
      await house.call("delete", { ...kind, "secret-id": "mine" }),
      await house.call("versions", { ...kind, "secret-id": "mine" }),
    ];
    for (const { code, error } of calls) {
      const sentence = expect.stringContaining("It may list the secrets there: what is missing is the role for certificates.");
      expect([code, said(error), said(error)]).toEqual(["forbidden", sentence, expect.stringMatching(hint)]);
    }
    expect((await house.call("list")).code).toBe("ok");
  });
});
