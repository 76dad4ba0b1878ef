import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { adapterOf, canary, challenge, failure, json, scriptedAzure, secret, tenant, type ScriptedAzure } from "./scripted-azure.ts";
import { memoryStore } from "../../support/memory-store.ts";

let azure: ScriptedAzure;
beforeEach(async () => void (azure = await scriptedAzure()));
afterEach(() => azure.stop());

const steps = (): string[] =>
  azure.seen.map(({ method, path, headers }) => `${method} ${path.split("?")[0] ?? ""}${headers.authorization ? " +token" : ""}`);
const login = `POST /${tenant}/oauth2/v2.0/token`;

describe("a token", () => {
  it("a cold get asks what the vault wants, logs in once and gets; a warm one in the next process is one request", async () => {
    const store = memoryStore();
    await adapterOf({ store }).adapter.get(azure.vault, "x");
    expect(steps()).toEqual(["GET /secrets/x", login, "GET /secrets/x +token"]);
    azure.seen.length = 0;
    await adapterOf({ store }).adapter.get(azure.vault, "x");
    expect(steps()).toEqual(["GET /secrets/x +token"]);
    expect(new Set(azure.seen.map(({ connection }) => connection)).size).toBe(1);
  });

  it("a warm write is one request, with its body whole", async () => {
    const { adapter } = adapterOf();
    await adapter.get(azure.vault, "x");
    azure.seen.length = 0;
    await adapter.set(azure.vault, "x", { value: "é\r\n", tags: { a: "1" }, enabled: false, expires: 2_000_000_000_000 });
    expect(steps()).toEqual(["PUT /secrets/x +token"]);
    expect(JSON.parse(azure.seen[0]?.body ?? "")).toEqual({
      value: "é\r\n",
      tags: { a: "1" },
      attributes: { enabled: false, exp: 2_000_000_000 },
    });
    await adapter.delete(azure.vault, "x");
    expect(steps().slice(1)).toEqual(["DELETE /secrets/x +token"]);
  });

  it("is asked for in the words of the contract, with the cloud's audience", async () => {
    await adapterOf().adapter.get(azure.vault, "x");
    expect(Object.fromEntries(new URLSearchParams(azure.seen[1]?.body))).toEqual({
      grant_type: "client_credentials",
      client_id: azure.vault.target["client-id"],
      client_secret: canary.secret,
      scope: "https://vault.azure.net/.default",
    });
  });

  it("sixteen parallel calls make one login, and sixteen writes keep sixteen values", async () => {
    azure.scripts.vault = (seen, response) => json(response, 200, secret(azure.origin, seen.path.split(/[/?]/)[2]));
    const { adapter } = adapterOf();
    const names = Array.from({ length: 16 }, (_, index) => `s${index}`);
    const made = await Promise.all(names.map((name) => adapter.set(azure.vault, name, { value: `value of ${name}` })));
    expect(made.map(({ name }) => name)).toEqual(names);
    const puts = azure.seen.filter(({ method }) => method === "PUT");
    expect(puts.map(({ path, body }) => `${path.split(/[/?]/)[2]}: ${JSON.parse(body).value}`).sort()).toEqual(
      names.map((name) => `${name}: value of ${name}`).sort(),
    );
    expect(steps().filter((step) => step === login)).toHaveLength(1);
  });

  it("one that the vault refuses is dropped, fetched once more, and then the answer stands", async () => {
    const { adapter, store } = adapterOf();
    await adapter.get(azure.vault, "x");
    azure.seen.length = 0;
    azure.scripts.token = (_seen, response) => json(response, 200, { expires_in: "3599", access_token: "second" });
    azure.scripts.vault = (seen, response) =>
      seen.headers.authorization === "Bearer second" ? json(response, 200, secret(azure.origin)) : failure(response, 401, "Unauthorized");
    for (const each of [adapter, adapterOf({ store }).adapter]) await each.get(azure.vault, "x");
    expect(steps()).toEqual(["GET /secrets/x +token", login, "GET /secrets/x +token", "GET /secrets/x +token"]);

    azure.seen.length = 0;
    azure.scripts.vault = (_seen, response) => failure(response, 401, "Unauthorized");
    await expect(adapter.get(azure.vault, "x")).rejects.toMatchObject({ code: "unauthenticated" });
    expect(steps()).toEqual(["GET /secrets/x +token", login, "GET /secrets/x +token"]);
  });

  it("the next login sweeps away those that have ended, of secrets that nobody has any more", async () => {
    const { adapter, clock, store } = adapterOf();
    const kept = async () => (await store.collection({ name: "tokens", noun: "token", schema: () => z.any() }).list()).length;
    for (const old of ["one", "two"]) {
      await adapter.get({ ...azure.vault, target: { ...azure.vault.target, "client-secret": old } }, "x");
    }
    expect(await kept()).toBe(2);
    clock.advance(61 * 60_000);
    await adapter.get(azure.vault, "x");
    expect(await kept()).toBe(1);
  });

  it("one near its end is renewed before use", async () => {
    const { adapter, clock } = adapterOf();
    await adapter.get(azure.vault, "x");
    clock.advance(56 * 60_000);
    await adapter.get(azure.vault, "x");
    expect(steps().filter((step) => step === login)).toHaveLength(2);
  });

  it("a changed secret is another identity", async () => {
    const { adapter } = adapterOf();
    await adapter.get(azure.vault, "x");
    await adapter.get({ ...azure.vault, target: { ...azure.vault.target, "client-secret": "changed" } }, "x");
    expect(steps().filter((step) => step === login)).toHaveLength(2);
  });

  it("two clouds with equal ids see only their own tokens", async () => {
    const other = await scriptedAzure();
    other.scripts.token = (_seen, response) => json(response, 200, { expires_in: 3599, access_token: "other" });
    const { adapter } = adapterOf();
    for (const { vault } of [azure, other, azure, other]) await adapter.get(vault, "x");
    const tokens = (world: ScriptedAzure): unknown[] => [...new Set(world.seen.map(({ headers }) => headers.authorization))];
    expect(tokens(azure)).toEqual([undefined, `Bearer ${canary.token}`]);
    expect(tokens(other)).toEqual([undefined, "Bearer other"]);
    other.stop();
  });

  it("a store that cannot be written or read costs a login and nothing else", async () => {
    const broken = {
      ...memoryStore(),
      commit: () => Promise.reject(new Error("disk full")),
    };
    expect((await adapterOf({ store: broken }).adapter.get(azure.vault, "x")).value).toBe(canary.value);
  });

  it.each([
    [7000215, 401, "wrong"],
    [7000222, 401, "expired"],
    [700016, 400, "not in the tenant"],
    [90002, 400, "does not exist"],
    [50000, 400, "AADSTS50000"],
  ])("AADSTS%i is unauthenticated, told in its own words, and not asked twice", async (number, status, words) => {
    azure.scripts.token = (seen, response) =>
      json(response, status, { error: "x", error_codes: [number], error_description: `AADSTS${number}: ${seen.body}` });
    const error: unknown = await adapterOf()
      .adapter.get(azure.vault, "x")
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "unauthenticated", message: expect.stringContaining(words) });
    expect(JSON.stringify(error)).not.toContain(canary.secret);
    expect(steps().filter((step) => step === login)).toHaveLength(1);
  });

  it.each([
    ["HTML", "<html>"],
    ["no lifetime", '{"access_token":"x"}'],
    ["a lifetime of null", '{"access_token":"x","expires_in":null}'],
    ["a token that would end the header", '{"access_token":"x\\r\\ny: z","expires_in":1}'],
    ["64 KiB and more", `"${"x".repeat(70_000)}"`],
  ])("%s in place of a token is unavailable", async (_, body) => {
    azure.scripts.token = (_seen, response) => response.writeHead(200).end(body);
    await expect(adapterOf().adapter.get(azure.vault, "x")).rejects.toMatchObject({ code: "unavailable" });
    expect(azure.seen.some(({ headers }) => headers.authorization !== undefined)).toBe(false);
  });

  it("a redirected login is not followed", async () => {
    const other = await scriptedAzure();
    azure.scripts.token = (seen, response) => response.writeHead(307, { location: `${other.origin}${seen.path}` }).end();
    await expect(adapterOf().adapter.get(azure.vault, "x")).rejects.toMatchObject({ code: "unavailable" });
    expect(other.connections()).toBe(0);
    other.stop();
  });

  it("a vault of another tenant says so", async () => {
    azure.scripts.challenge = (_seen, response) =>
      challenge(response, azure.origin, "99999999-2222-4333-8444-555555555555", "https://vault.azure.net");
    await expect(adapterOf().adapter.get(azure.vault, "x")).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("99999999-2222-4333-8444-555555555555"),
    });
  });
});
