import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ObjectAdapter, Vault } from "../../../src/features/objects/port.ts";
import { adapterOf, canary, challenge, failure, json, rows, scriptedAzure, tenant, type ScriptedAzure } from "./scripted-azure.ts";

let azure: ScriptedAzure;
beforeEach(async () => void (azure = await scriptedAzure()));
afterEach(() => azure.stop());

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(page);
  return found;
}

const methods: [string, (adapter: ObjectAdapter, vault: Vault) => Promise<unknown>][] = [
  ["pages", (adapter, vault) => rows(adapter, vault)],
  ["get", (adapter, vault) => adapter.get(vault, "x")],
  ["set", (adapter, vault) => adapter.set(vault, "x", { value: canary.value })],
  ["delete", (adapter, vault) => adapter.delete(vault, "x")],
  ["deleted", (adapter, vault) => adapter.deleted(vault, "x")],
  ["versions", (adapter, vault) => all(adapter.versions(vault, "x"))],
  ["deletedPages", (adapter, vault) => all(adapter.deletedPages(vault))],
  ["change", (adapter, vault) => adapter.change(vault, "x", undefined, { tags: { canary: canary.value } })],
  ["purge", (adapter, vault) => adapter.purge(vault, "x")],
];

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "resolved",
    (error: unknown) => error,
  );
const unavailable = expect.objectContaining({ name: "UscError", code: "unavailable" });

describe.each(methods)("%s", (_, use) => {
  it.each([
    ["HTML", "<html>Sign in</html>"],
    ["null", "null"],
    ["an empty text", ""],
    ["a list", "[]"],
    ["wrong types", '{"id":5,"value":{},"attributes":"x","nextLink":7}'],
    ["a date past the year 9999", `{"id":"https://x/secrets/x","value":"v","attributes":{"created":1e300}}`],
    ["an id of nothing", `{"id":"x","value":"v"}`],
  ])("a 200 with %s is unavailable", async (_name, body) => {
    azure.scripts.vault = (__, response) => response.writeHead(200, { "content-type": "text/html" }).end(body);
    const { adapter } = adapterOf();
    expect(await caught(use(adapter, azure.vault))).toEqual(unavailable);
  });

  it.each([301, 302, 307, 308])("a redirect (%i) is not followed", async (status) => {
    const other = await scriptedAzure();
    azure.scripts.vault = (_seen, response) => response.writeHead(status, { location: `${other.origin}/secrets/x` }).end();
    const { adapter } = adapterOf();
    expect(await caught(use(adapter, azure.vault))).toEqual(unavailable);
    expect(other.connections()).toBe(0);
    other.stop();
  });

  it("a compressed answer is refused unread", async () => {
    azure.scripts.vault = (_seen, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("x");
    const { adapter } = adapterOf();
    expect(await caught(use(adapter, azure.vault))).toEqual(unavailable);
    expect(azure.seen.every(({ headers }) => headers["accept-encoding"] === undefined)).toBe(true);
  });

  it("an endless body is cut off", async () => {
    azure.scripts.vault = (_seen, response) => {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(1 << 20, 32), () => setImmediate(more));
      };
      more();
    };
    const { adapter } = adapterOf();
    expect(await caught(use(adapter, azure.vault))).toEqual(unavailable);
  });

  it.each([
    ["400", 400, "BadParameter", undefined],
    ["403 by role", 403, "Forbidden", "ForbiddenByRbac"],
    ["404", 404, "SecretNotFound", undefined],
    ["409", 409, "Conflict", "ObjectIsDeletedButRecoverable"],
    ["429", 429, "Throttled", undefined],
    ["500", 500, "ServerError", undefined],
    ["401", 401, "Unauthorized", undefined],
  ])("no token and no value is in the error of a %s", async (_name, status, code, inner) => {
    // A hostile service may say back what it was sent.
    azure.scripts.vault = (seen, response) => failure(response, status, code, inner, `${seen.headers.authorization} ${seen.body}`);
    const { adapter, calls } = adapterOf();
    const error = await caught(use(adapter, azure.vault));
    const told = [
      JSON.stringify(error),
      inspect(error, { depth: 10, showHidden: true }),
      (error as Error).stack,
      JSON.stringify(calls),
    ].join("\n");
    for (const planted of Object.values(canary)) expect(told).not.toContain(planted);
  });
});

describe("a vault that is not what it seems", () => {
  const asks = (header: string | undefined, status = 401) =>
    void (azure.scripts.challenge = (_seen, response) =>
      json(response, status, {}, header === undefined ? {} : { "www-authenticate": header }));
  const bearer = (authority: string, resource: string, more = ""): string =>
    `Bearer authorization="${authority}", resource="${resource}"${more}`;

  it.each<[string, (origin: string) => string | undefined, number?]>([
    ["another resource", (origin) => bearer(`${origin}/${tenant}`, "https://graph.microsoft.com")],
    ["a resource that only begins like the audience", (origin) => bearer(`${origin}/${tenant}`, "https://vault.azure.net.evil.com")],
    ["another login", () => bearer(`https://login.evil.com/${tenant}`, "https://vault.azure.net")],
    ["the login at another port", () => bearer(`https://127.0.0.1:1/${tenant}`, "https://vault.azure.net")],
    ["the login in the userinfo", (origin) => bearer(`${origin}@evil.com/${tenant}`, "https://vault.azure.net")],
    ["another tenant", (origin) => bearer(`${origin}/99999999-2222-4333-8444-555555555555`, "https://vault.azure.net")],
    ["two resources", (origin) => bearer(`${origin}/${tenant}`, "https://vault.azure.net", ', resource="https://graph.microsoft.com"')],
    ["nothing", () => undefined],
    ["another scheme", (origin) => bearer(`${origin}/${tenant}`, "https://vault.azure.net").replace("Bearer", "Basic")],
    ["no token at all (200)", (origin) => bearer(`${origin}/${tenant}`, "https://vault.azure.net"), 200],
    ["a detour (302)", (origin) => bearer(`${origin}/${tenant}`, "https://vault.azure.net"), 302],
  ])("asks for %s: no login, no token sent", async (_, header, status) => {
    asks(header(azure.origin), status);
    const { adapter } = adapterOf();
    for (const [, use] of methods) expect(await caught(use(adapter, azure.vault))).toMatchObject({ name: "UscError" });
    expect(azure.seen.filter(({ path, headers }) => path.includes("oauth2") || headers.authorization !== undefined)).toEqual([]);
  });

  it("is asked nothing when its address is not the cloud's", async () => {
    const { adapter } = adapterOf();
    const vault = { ...azure.vault, url: `https://demo.evil.localhost:${azure.port}` };
    expect(await caught(adapter.get(vault, "x"))).toMatchObject({ code: "usage" });
    expect(azure.seen).toEqual([]);
  });

  it("may name the audience with a slash at its end", async () => {
    azure.scripts.challenge = (_seen, response) => challenge(response, azure.origin, tenant.toUpperCase(), "https://vault.azure.net/");
    expect((await adapterOf().adapter.get(azure.vault, "x")).value).toBe(canary.value);
  });
});
