import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adapterOf, json, rows, scriptedAzure, type ScriptedAzure } from "./scripted-azure.ts";

let azure: ScriptedAzure;
beforeEach(async () => void (azure = await scriptedAzure()));
afterEach(() => azure.stop());

describe("pages", () => {
  const item = (name: string): object => ({ id: `${azure.origin}/secrets/${name}`, attributes: { enabled: true, created: 1 } });
  const page = (nextLink: (url: string) => string | null) =>
    void (azure.scripts.vault = (seen, response) => json(response, 200, { value: [item("a")], nextLink: nextLink(seen.path) }));

  it("a link to another host is named and not followed", async () => {
    const other = await scriptedAzure();
    for (const link of [
      other.vault.url,
      other.origin,
      `${azure.vault.url}@127.0.0.1:${other.port}`,
      azure.vault.url.replace("https", "http"),
    ]) {
      page(() => `${link}/secrets?api-version=7.4&$skiptoken=x`);
      await expect(rows(adapterOf().adapter, azure.vault)).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("not followed"),
      });
    }
    expect(other.connections()).toBe(0);
    other.stop();
  });

  it("a link out of the list is not followed", async () => {
    for (const path of ["/secrets/x?api-version=7.4", "/secrets/../keys?x", "/deletedsecrets?x", "/secrets"]) {
      page(() => `${azure.vault.url}${path}`);
      await expect(rows(adapterOf().adapter, azure.vault)).rejects.toMatchObject({ code: "unavailable" });
    }
  });

  it("a list that goes in circles ends with an error", async () => {
    page((path) => `${azure.vault.url}/secrets?api-version=7.4&$skiptoken=${path.endsWith("one") ? "two" : "one"}`);
    await expect(rows(adapterOf().adapter, azure.vault)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("does not end"),
    });
  });

  it("empty pages go on, and a reader that stops asks no further page", async () => {
    let asked = 0;
    azure.scripts.vault = (_seen, response) => {
      asked += 1;
      json(response, 200, {
        value: asked === 2 ? [] : [item(`s${asked}`)],
        nextLink: asked === 4 ? null : `${azure.vault.url}/secrets?api-version=7.4&$skiptoken=${asked}`,
      });
    };
    expect(await rows(adapterOf().adapter, azure.vault)).toEqual(["s1", "s3", "s4"]);
    asked = 0;
    for await (const _ of adapterOf().adapter.pages(azure.vault)) break;
    expect(asked).toBe(1);
  });

  it.each(["/keys?x", "/secrets/x?y", "//evil.com/secrets?x", "https://evil.com/secrets?x", "/secrets?x\r\ny: z", ""])(
    "the page token of %j is usage",
    async (path) => {
      const token = Buffer.from(path).toString("base64url");
      const list = adapterOf().adapter.pages(azure.vault, { token });
      await expect(list[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "usage" });
      expect(azure.seen).toEqual([]);
    },
  );
});
