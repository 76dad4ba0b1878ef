import { afterAll, beforeAll, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";

const limit = 4000;
const windowMs = 10_000;
const names = Array.from({ length: 2000 }, (_, index) => `bulk-${String(index).padStart(4, "0")}`);
/** Now and then, at requests that a bulk read is in the midst of. */
const faults = [
  { path: "/secrets/bulk-*", skip: 100, times: 40, status: 429 },
  { path: "/secrets/bulk-*", skip: 300, times: 5, status: 429, retry_after: 1 },
  { path: "/secrets/bulk-*", skip: 500, times: 40, status: 500 },
  { path: "/secrets/bulk-*", skip: 700, times: 20, reset: "before" },
  { path: "/secrets/bulk-*", skip: 900, times: 20, reset: "after" },
  { path: "/secrets/bulk-*", skip: 1100, times: 10, cut: 20 },
  { path: "/secrets", skip: 3, times: 1, status: 503 },
  { path: "/secrets", skip: 9, times: 2, reset: "after" },
];

let azure: Awaited<ReturnType<typeof localAzure>>;
beforeAll(async () => void (azure = await localAzure()));
afterAll(() => azure.stop());

it("2,000 values at concurrency 32 come whole and in order, below Azure's limit, whatever hiccups there are", async () => {
  const { control, usc, vault } = azure;
  for (const name of names) await control(`/secrets/${vault.name}/${name}`, "PUT", { value: `value of ${name}` });
  await control("/settings", "PUT", { perTenSeconds: limit });
  await control("/requests", "DELETE");
  for (const fault of faults) await control("/faults", "POST", fault);

  const read = await usc(["get-all", "--usc-name", "kv", "--concurrency", "32"]);

  expect({ exit: read.exit, stderr: read.stderr }).toMatchObject({ exit: 0 });
  const secrets = read.json["secrets"] as { name: string; value: string }[];
  expect(secrets.map(({ name, value }) => [name, Buffer.from(value, "base64").toString()])).toEqual(
    names.map((name) => [name, `value of ${name}`]),
  );

  const planted = (await control("/faults"))["faults"] as { hits: number; times: number }[];
  expect(planted.map(({ hits }) => hits)).toEqual(faults.map(({ times }) => times));
  const log = (await azure.requests()) as unknown as { at: string; status: number }[];
  const throttled = log.filter(({ status }) => status === 429).length;
  expect(throttled, "429s that no fault has made").toBe(45);
  const times = log.map(({ at }) => Date.parse(at));
  const mostInWindow = Math.max(...times.map((time, index) => index + 1 - times.findIndex((other) => other > time - windowMs)));
  console.log(`objects: 2,000 values in ${log.length} requests, at most ${mostInWindow} in ten seconds, ${planted.length} kinds of hiccup`);
  expect(mostInWindow).toBeLessThan(limit);
});
