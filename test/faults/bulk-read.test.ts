import { afterAll, beforeAll, expect, it } from "vitest";
import { localAzure } from "../support/local-azure.ts";

const limit = 4000;
const windowMs = 10_000;
const names = Array.from({ length: 2000 }, (_, index) => `bulk-${String(index).padStart(4, "0")}`);
const hiccups = [{ status: 429 }, { status: 429, retry_after: 1 }, { status: 500 }, { reset: "before" }, { reset: "after" }, { cut: 20 }];
/**
 * Now and then, in the midst of a bulk read. Three at a time: the request at its head may be the only one under way, and gives up at a fourth. So far
 * apart that none is hit by two of them: 31 are under way before it, and 31 are read ahead of it.
 */
const faults = [
  ...Array.from({ length: 24 }, (_, index) => ({
    path: "/secrets/bulk-*",
    skip: 75 * (index + 1),
    times: 3,
    ...hiccups[index % hiccups.length],
  })),
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

  expect(read.exit, read.stderr).toBe(0);
  const secrets = read.json["secrets"] as { name: string; value: string }[];
  expect(secrets.map(({ name, value }) => [name, Buffer.from(value, "base64").toString()])).toEqual(
    names.map((name) => [name, `value of ${name}`]),
  );

  const planted = (await control("/faults"))["faults"] as { hits: number; times: number }[];
  expect(planted.map(({ hits }) => hits)).toEqual(faults.map(({ times }) => times));
  const log = (await azure.requests()) as unknown as { at: string; status: number }[];
  const throttled = log.filter(({ status }) => status === 429).length;
  expect(throttled, "429s that no fault has made").toBe(24);
  const times = log.map(({ at }) => Date.parse(at));
  const mostInWindow = Math.max(...times.map((time, index) => index + 1 - times.findIndex((other) => other > time - windowMs)));
  console.log(`objects: 2,000 values in ${log.length} requests, at most ${mostInWindow} in ten seconds, ${planted.length} hiccups`);
  expect(mostInWindow).toBeLessThan(limit);
});
