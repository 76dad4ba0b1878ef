import { SecretClient } from "@azure/keyvault-secrets";
import { expect, test } from "vitest";
import { openLab, type Lab } from "./support.ts";

// The vendor's own client decides whether we are a vault. It resolves no name of ours, so it gets the direct address.
async function clientOf(lab: Lab): Promise<SecretClient> {
  const token = await lab.token();
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_000_000 }) };
  const tlsOptions = { ca: lab.ca.toString() };
  const options = { disableChallengeResourceVerification: true, tlsOptions, retryOptions: { maxRetries: 1, retryDelayInMs: 1 } };
  return new SecretClient(lab.ready.vaults[0]?.direct_url ?? "", credential, options);
}

async function namesOf(rows: AsyncIterable<{ name: string }>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of rows) names.push(name);
  return names;
}

test("the JavaScript client sets, reads, lists, updates, deletes, recovers, purges, backs up and restores", async () => {
  const lab = await openLab();
  await lab.control("PUT", "/settings", { delays: { delete: 0, recover: 0, purge: 0 }, emptyPages: 1 });
  const client = await clientOf(lab);
  const made = await client.setSecret("sdk", "one", { tags: { a: "1" }, contentType: "text/plain" });
  expect([made.value, made.properties.tags, made.properties.recoveryLevel]).toEqual(["one", { a: "1" }, "Recoverable+Purgeable"]);
  await client.setSecret("sdk", "two");
  expect((await client.getSecret("sdk")).value).toBe("two");
  expect((await client.getSecret("sdk", { version: made.properties.version ?? "" })).value).toBe("one");

  await Promise.all(Array.from({ length: 59 }, (_, index) => client.setSecret(`row-${index}`, "x")));
  const names = await namesOf(client.listPropertiesOfSecrets());
  expect([names.length, new Set(names).size]).toEqual([60, 60]);
  expect(await namesOf(client.listPropertiesOfSecretVersions("sdk"))).toHaveLength(2);

  const updated = await client.updateSecretProperties("sdk", made.properties.version ?? "", { enabled: false });
  expect(updated.enabled).toBe(false);
  await expect(client.getSecret("sdk", { version: made.properties.version ?? "" })).rejects.toMatchObject({
    statusCode: 403,
    code: "Forbidden",
  });

  const backup = await client.backupSecret("sdk");
  const deleted = await (await client.beginDeleteSecret("sdk", { intervalInMs: 1 })).pollUntilDone();
  expect(deleted.name).toBe("sdk");
  expect(await namesOf(client.listDeletedSecrets())).toEqual(["sdk"]);
  await expect(client.setSecret("sdk", "three")).rejects.toMatchObject({ statusCode: 409, code: "Conflict" });
  await (await client.beginRecoverDeletedSecret("sdk", { intervalInMs: 1 })).pollUntilDone();
  await (await client.beginDeleteSecret("sdk", { intervalInMs: 1 })).pollUntilDone();
  await client.purgeDeletedSecret("sdk");
  await expect(client.getSecret("sdk")).rejects.toMatchObject({ statusCode: 404, code: "SecretNotFound" });
  expect((await client.restoreSecretBackup(backup ?? new Uint8Array()))?.name).toBe("sdk");
});

test("the JavaScript client meets the throttle as in the cloud: without Retry-After it does not try again", async () => {
  const lab = await openLab();
  const client = await clientOf(lab);
  await client.setSecret("warm", "x");
  await lab.control("PUT", "/settings", { perTenSeconds: 1 });
  await lab.control("DELETE", "/requests");
  await client.getSecret("warm");
  await expect(client.getSecret("warm")).rejects.toMatchObject({ statusCode: 429, code: "Throttled" });
  const { requests } = (await lab.control("GET", "/requests")).json;
  expect(requests.map(({ status }: { status: number }) => status)).toEqual([200, 429]);
});
