import { afterAll, afterEach, describe, expect, it } from "vitest";
import { storageKeyRotator } from "../../../src/adapters/azure/storage-key-rotator.ts";
import { renewedContract } from "../../contract/rotator.ts";
import { openLab } from "../../emulator/support.ts";
import { leapingClock } from "../../support/azure-house.ts";
import { refused } from "../../support/house.ts";
import { inPlaceOf } from "../../support/in-place-lab.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { furnishedSubject } from "../../support/rotation-house.ts";
import { failure, json, scriptedAzure } from "./scripted-azure.ts";

const clock = leapingClock();
const lab = await openLab({ clock, name: "lab" });
const azure = inPlaceOf(lab);
const store = memoryStore();
const whose = await furnishedSubject(lab, store, clock);

const placeOf = (account: string): string =>
  `/subscriptions/${lab.ready.subscription_id}/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/${account}`;
const subjectOf = (account: string, key: string) => ({ ...whose, holder: placeOf(account), key });

for (const key of ["key1", "kerb2"]) {
  renewedContract(`${key} at the local Azure's ARM`, {
    rotator: storageKeyRotator({ store, clock, environment: {} }),
    open: async () => subjectOf(await azure.account("one", true), key),
    gone: async () => subjectOf("gone", key),
  });
}

const scripted = await scriptedAzure();
afterAll(() => scripted.stop());
afterEach(() => {
  scripted.seen.length = 0;
  delete scripted.scripts.vault;
});

const { origin, vault } = scripted;
const told = { cloud: { ...vault.cloud, "arm-endpoint": origin }, target: vault.target, holder: placeOf("demo"), key: "key1" };
const rotator = storageKeyRotator({ store: memoryStore(), clock, environment: {} });
const answer = {
  keys: [
    { keyName: "Key1", value: "v1", permissions: "Full" },
    { keyName: "key2", value: "v2" },
  ],
};

/** One that every cloud has. */
const version = "api-version=2024-01-01";

describe("on the wire", () => {
  it("one key is named, and is found whatever the case of its name", async () => {
    scripted.scripts.vault = (_, response) => json(response, 200, answer);
    expect(await rotator.stage(told)).toBe("v1");
    const { method, path, body } = scripted.seen.at(-1) ?? {};
    expect([method, path, body]).toEqual(["POST", `${placeOf("demo")}/regenerateKey?${version}`, '{"keyName":"key1"}']);
    expect(await rotator.look(told)).toEqual({ secret: "v1", at: expect.any(Number) });
    expect(scripted.seen.at(-1)).toMatchObject({
      path: `${placeOf("demo")}/listKeys?${version}`,
      headers: { "content-length": "0" },
    });
  });

  it.each([
    ["a page of a gateway", 200, "<html>"],
    ["one without that key", 200, JSON.stringify({ keys: [{ keyName: "key2", value: "v2" }] })],
    ["one that fails", 500, JSON.stringify({ error: { code: "InternalServerError" } })],
    ["a refusal that is not ARM's", 403, "<html>"],
  ])("an answer to regenerateKey that is %s leaves unknown whether it was", async (_, status, body) => {
    scripted.scripts.vault = (_seen, response) => void response.writeHead(status, { "content-type": "application/json" }).end(body);
    await expect(rotator.stage(told)).rejects.toMatchObject({ code: "unavailable", details: { reason: "lost" } });
    expect(scripted.seen.filter(({ method, path }) => method === "POST" && path.includes("regenerateKey"))).toHaveLength(1);
  });

  it.each([
    [403, "AuthorizationFailed", "forbidden", /Storage Account Key Operator Service Role .* demo/u],
    [404, "ResourceNotFound", "not_found", /--resource-name/u],
    [409, "StorageAccountOperationInProgress", "unavailable", /./u],
  ] as const)("HTTP %i is a refusal, which leaves nothing unknown", async (status, code, ours, hint) => {
    scripted.scripts.vault = (_, response) => failure(response, status, code);
    const error: unknown = await rotator.stage(told).catch((thrown: unknown) => thrown);
    expect(error).toEqual(refused(ours));
    expect(error).toHaveProperty("details.hint", expect.stringMatching(hint));
    expect(error).not.toHaveProperty("details.reason", "lost");
  });
});
