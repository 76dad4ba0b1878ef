import { inspect } from "node:util";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { clientSecretRotator } from "../../../src/adapters/azure/client-secret-rotator.ts";
import { storageKeyRotator } from "../../../src/adapters/azure/storage-key-rotator.ts";
import { userPasswordRotator } from "../../../src/adapters/azure/user-password-rotator.ts";
import { leapingClock } from "../../support/azure-house.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { scriptedAzure } from "./scripted-azure.ts";

const scripted = await scriptedAzure();
afterAll(() => scripted.stop());
afterEach(() => {
  scripted.seen.length = 0;
  delete scripted.scripts.vault;
});

const { origin, vault } = scripted;
const options = { store: memoryStore(), clock: leapingClock(), environment: {} };
const secret = "Correct-Horse-1";
const subject = {
  target: vault.target,
  cloud: { ...vault.cloud, "arm-endpoint": origin, "graph-endpoint": origin },
  holder: "ada@example.com",
};
const place = `/subscriptions/${vault.target["tenant-id"]}/resourceGroups/r%C3%A9(1)/providers/Microsoft.Storage/storageAccounts/demo`;

const writes = [
  ["addPassword", "Microsoft Graph", () => clientSecretRotator(options).stage(subject, "mark")],
  ["the PATCH of a password", "Microsoft Graph", () => userPasswordRotator(options).stage(subject, secret)],
  ["regenerateKey", "Azure Resource Manager", () => storageKeyRotator(options).stage({ ...subject, holder: place, key: "key1" })],
] as const;

const error = JSON.stringify({ error: { code: "Conflict", message: "text" } });
const answers = [
  // What, status, body, whether it may have been written.
  ["an error under a status of success", 202, error, "unknown"],
  ["an error under a redirect", 302, error, "unknown"],
  ["a refusal", 409, error, "refused"],
  ["a refusal of the token", 401, error, "refused"],
  ["a refusal without a word", 400, "", "unknown"],
  ["a page under a status that refuses", 403, "<html>", "unknown"],
  ["JSON that is no error of the service's under a status that refuses", 404, '{"error":"gone"}', "unknown"],
  ["throttling", 429, error, "refused"],
  ["throttling without a word", 429, "", "refused"],
  ["a failure of its own", 500, error, "unknown"],
  ["a failure before it", 503, "<html>", "unknown"],
] as const;

describe.each(writes)("after %s", (_, service, stage) => {
  it.each(answers)("%s (%i %s) leaves it %s", async (__, status, body, outcome) => {
    scripted.scripts.vault = (_seen, response) =>
      void response
        .writeHead(status, { "content-type": "application/json", location: `${origin}/elsewhere`, "retry-after": "0" })
        .end(body);
    const failure: unknown = await stage().catch((thrown: unknown) => thrown);
    if (outcome === "unknown") {
      expect(failure).toMatchObject({
        code: "unavailable",
        message: expect.stringMatching(`^${service} answered with an error of its own \\(HTTP ${status}\\)\\. It is unknown whether`),
        details: { reason: "lost" },
      });
      expect(scripted.seen.filter(({ path }) => !path.includes("/oauth2/"))).toHaveLength(1);
    } else {
      expect(failure).toHaveProperty("code");
      expect(failure).not.toHaveProperty("details.reason", "lost");
    }
  });

  it("an answer over the limit leaves it unknown", async () => {
    scripted.scripts.vault = (_seen, response) => void response.writeHead(200).end("x".repeat(8 * 1024 * 1024 + 1));
    await expect(stage()).rejects.toMatchObject({
      message: expect.stringContaining("is larger than any of this service. It is unknown"),
      details: { reason: "lost" },
    });
  });

  it("an answer that cannot be read is told without a word of it, and without what was sent", async () => {
    scripted.scripts.vault = (_seen, response) =>
      void response.writeHead(200, { "content-type": "application/json" }).end(`{"keys":[null,"${secret}"],"secretText":"${secret}"`);
    const failure: unknown = await stage().catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "unavailable", details: { reason: "lost" } });
    expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(new RegExp(`${secret}|Bearer|TOKEN-canary`, "u"));
  });

  it("the wire has seen what our transport sends, and nothing that a client adds", async () => {
    scripted.scripts.vault = (_seen, response) => void response.writeHead(409, { "content-type": "application/json" }).end(error);
    await stage().catch(() => {});
    const { headers } = scripted.seen.at(-1) ?? {};
    expect(Object.keys(headers ?? {}).toSorted()).toEqual([
      "accept",
      "authorization",
      "connection",
      "content-length",
      "content-type",
      "host",
    ]);
  });
});
