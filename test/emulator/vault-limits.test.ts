import { request } from "node:https";
import { expect, test } from "vitest";
import { exchange, openLab } from "./support.ts";

const lab = await openLab();

test("api-version is needed, may be spelt with %2D, and every one from 7.0 on is taken", async () => {
  const statusOf = async (version: string): Promise<number> => (await lab.vault("GET", `/secrets?${version}`)).status;
  for (const version of ["7.0", "7.1", "7.4", "7.5-preview.1", "7.6-preview.2", "2025-07-01", "2026-04-01", "2026-04-01-preview", "10.0"]) {
    expect(await statusOf(`api-version=${version}`)).toBe(200);
  }
  expect(await statusOf("api%2Dversion=2025-07-01")).toBe(200);
  for (const version of ["2016-10-01", "6.9", "latest", "7"]) expect(await statusOf(`api-version=${version}`)).toBe(400);
  const missing = await lab.vault("GET", "/secrets?x-version=1");
  expect([missing.status, missing.json.error.code]).toEqual([400, "BadParameter"]);
});

const long = "x".repeat(257);
test.each([
  ["a value over 25,600 characters", { value: "x".repeat(25_601) }, "Secret is beyond the maximum permitted length of 25600 characters."],
  ["sixteen tags", { value: "v", tags: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`t${index}`, ""])) }, undefined],
  ["a tag name of 257 characters", { value: "v", tags: { [long]: "" } }, undefined],
  ["a tag value of 257 characters", { value: "v", tags: { a: long } }, undefined],
  ["a tag that is no string", { value: "v", tags: { a: 1 } }, undefined],
  ["tags that are a list", { value: "v", tags: ["a"] }, undefined],
  ["a content type of 256 characters", { value: "v", contentType: "x".repeat(256) }, undefined],
  ["no value", {}, undefined],
  ["a value that is a number", { value: 1 }, undefined],
  ["an expiry with a fraction", { value: "v", attributes: { exp: 1.5 } }, undefined],
  ["an expiry in words", { value: "v", attributes: { exp: "2030-01-01" } }, undefined],
  ["enabled in words", { value: "v", attributes: { enabled: "yes" } }, undefined],
  ["a body that is no JSON", "{", undefined],
  ["a body that is a list", "[]", undefined],
])("%s is a bad parameter", async (_title, body, message) => {
  const reply = await lab.vault("PUT", "/secrets/limits", body);
  expect([reply.status, reply.json.error.code]).toEqual([400, "BadParameter"]);
  if (message !== undefined) expect(reply.json.error.message).toBe(message);
});

test("what just fits is taken", async () => {
  const tags = Object.fromEntries(Array.from({ length: 15 }, (_, index) => [`${index}`.padEnd(256, "n"), "v".repeat(256)]));
  const body = { value: "é".repeat(25_600), contentType: "x".repeat(255), tags };
  const reply = await lab.vault("PUT", `/secrets/${"n".repeat(127)}`, body);
  expect([reply.status, reply.json.value === body.value, reply.json.tags]).toEqual([200, true, tags]);
  expect((await lab.vault("PUT", "/secrets/empty", { value: "" })).json.value).toBe("");
});

test.each(["a_b", "a.b", "%C3%A9", "a%20b", "n".repeat(128), "..%2fx", "%"])("the name %s is invalid", async (name) => {
  const reply = await lab.vault("PUT", `/secrets/${name}`, { value: "v" });
  expect([reply.status, reply.json.error.code]).toEqual([400, "BadParameter"]);
  expect(reply.json.error.message).toMatch(/^The request URI contains an invalid name: /);
});

test.each(["26", "0", "-1", "x", "1.5", ""])("maxresults=%s is a bad parameter", async (size) => {
  const reply = await lab.vault("GET", `/secrets?maxresults=${size}`);
  expect([reply.status, reply.json.error.code]).toEqual([400, "BadParameter"]);
});

test("a made-up skiptoken is a bad parameter", async () => {
  expect((await lab.vault("GET", "/secrets?$skiptoken=abc")).status).toBe(400);
});

test("the token is looked at before the body, and the connection lives on", async () => {
  await lab.control("DELETE", "/requests");
  const reply = await lab.vault("PUT", "/secrets/order", "{", { token: "" });
  expect(reply.status).toBe(401);
  expect((await lab.vault("PUT", "/secrets/order", { value: "v" })).status).toBe(200);
  const { requests } = (await lab.control("GET", "/requests")).json;
  expect(requests.map((row: { connection: number }) => row.connection)).toEqual([requests[0].connection, requests[0].connection]);
});

test("E5 a body over 1 MiB is refused, announced or not", async () => {
  const big = JSON.stringify({ value: "x".repeat(1_048_600) });
  expect((await lab.vault("PUT", "/secrets/big", big)).status).toBe(413);
  const authorization = `Bearer ${await lab.token()}`;
  const url = `${lab.ready.vaults[0]?.direct_url}/secrets/big?api-version=7.4`;
  const outgoing = request(url, { method: "PUT", ca: lab.ca, agent: false, headers: { authorization, "transfer-encoding": "chunked" } });
  expect((await exchange(outgoing, big)).status).toBe(413);
});

test("a vault that is not there answers 404 under its own name", async () => {
  const reply = await lab.https("GET", `${lab.ready.authority_host}/secrets?api-version=7.4`, {
    headers: { host: "nobody.vault.azure.net" },
  });
  expect([reply.status, reply.json.error.code]).toEqual([404, "VaultNotFound"]);
});
