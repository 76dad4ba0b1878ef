import { CertificateClient } from "@azure/keyvault-certificates";
import { afterAll, expect, it } from "vitest";
import { azureVaults } from "../../../src/adapters/azure/index.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { stillClock } from "../../support/still-clock.ts";
import { json, scriptedAzure } from "./scripted-azure.ts";

const azure = await scriptedAzure();
afterAll(() => azure.stop());
const { vault } = azure;

const bundle = { id: `${vault.url}/certificates/x/${"0".repeat(32)}`, x5t: "A".repeat(27), attributes: { enabled: false, created: 1 } };
azure.scripts.vault = (_, response) => json(response, 200, bundle);

const bytes = Buffer.from("-----BEGIN CERTIFICATE-----\n");
const pem = "application/x-pem-file";

/** The body that came over the wire last. */
const sent = (): Record<string, unknown> => JSON.parse(azure.seen.findLast(({ method }) => method === "POST")?.body ?? "{}");

it("the SDK's importCertificate sends neither the policy nor `enabled`: as soon as it does, the amendment in certificate-writes.ts can go", async () => {
  const credential = { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 3_000_000 }) };
  const tlsOptions = { ca: vault.cloud["ca-pem"] ?? "" };
  const client = new CertificateClient(azure.origin, credential, { disableChallengeResourceVerification: true, tlsOptions });
  const policy = { contentType: pem, issuerName: "Unknown" } as const;
  await client.importCertificate("x", bytes, { policy, enabled: false, tags: { a: "1" }, password: "p" });
  expect(Object.keys(sent()).toSorted()).toEqual(["pwd", "tags", "value"]);
});

it("ours sends the content type in the policy, and `enabled`, with all that the SDK sends", async () => {
  const certificates = await azureVaults({ store: memoryStore(), clock: stillClock(), environment: {} }).certificates();
  const write = { bytes, contentType: pem, enabled: false, tags: { a: "1" }, thumbprint: "0" } as const;
  const made = await certificates.importBundle(vault, "x", write);
  expect(sent()).toEqual({
    value: bytes.toString("base64"),
    policy: { secret_props: { contentType: pem } },
    attributes: { enabled: false },
    tags: { a: "1" },
  });
  expect(made).toMatchObject({ name: "x", enabled: false, thumbprint: "0".repeat(40) });
});

it("ours leaves `enabled` and tags out where nothing is said of them", async () => {
  const certificates = await azureVaults({ store: memoryStore(), clock: stillClock(), environment: {} }).certificates();
  await certificates.importBundle(vault, "x", { bytes, contentType: "application/x-pkcs12", thumbprint: "0" });
  expect(sent()).toEqual({ value: bytes.toString("base64"), policy: { secret_props: { contentType: "application/x-pkcs12" } } });
});
