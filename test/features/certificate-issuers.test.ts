import { X509Certificate } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { azureHouse } from "../support/azure-house.ts";

const house = await azureHouse();
afterAll(() => house.lab.agent.destroy());
const create = (name: string, more: Record<string, unknown>) =>
  house.call("create", { "object-type": "certificate", "secret-name": name, subject: "CN=site.example", "key-type": "EC", ...more });

it("an issuer that the vault knows by name signs, and its certificate comes along as the chain", async () => {
  await house.wire("PUT", "/certificates/issuers/Corp", { provider: "DigiCert", credentials: { account_id: "a", pwd: "p" } });
  expect(await create("signed", { issuer: "Corp" })).toMatchObject({ code: "ok", answer: { version_id: expect.any(String) } });
  const { answer } = await house.call("get", { "object-type": "certificate", "secret-id": "signed" });
  const pem = Buffer.from(String(answer?.["value"]), "base64").toString();
  const [leaf, issuer] = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? [];
  expect(new X509Certificate(leaf ?? "").checkIssued(new X509Certificate(issuer ?? ""))).toBe(true);
});

it("an issuer that the vault does not know is said, and leaves nothing to finish", async () => {
  const { code, error } = await create("unsigned", { issuer: "nobody" });
  expect({ code, sentence: String(error) }).toEqual({
    code: "not_found",
    sentence: expect.stringContaining("knows no issuer of that name"),
  });
  expect(await house.unfinished()).toEqual([]);
});

it("an issuance that somebody else cancels ends the wait with a sentence", async () => {
  await house.control("PUT", "/settings", { delays: { issue: 60_000 } });
  const waiting = create("cancelled", { issuer: "Corp" });
  const cancel = () => house.wire("PATCH", "/certificates/cancelled/pending", { cancellation_requested: true });
  for (let tries = 0; (await cancel()).status !== 200 && tries < 100; tries += 1) await new Promise((resolve) => setImmediate(resolve));
  const { code, error } = await waiting;
  expect({ code, sentence: String(error) }).toEqual({
    code: "conflict",
    sentence: expect.stringContaining("cancelled was cancelled by somebody else"),
  });
});
