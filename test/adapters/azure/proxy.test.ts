import { createServer, type AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { ways } from "../../../src/adapters/azure/ways.ts";
import { proxyFor } from "../../../src/adapters/network/proxy.ts";
import { azureLab } from "./azure-lab.ts";

const { adapterOf, control, ready, requests, stop, vaultAt } = await azureLab(["demo"]);
afterAll(stop);

const vault = { host: "demo.vault.azure.net", port: 443 };
const proxy = "http://proxy.corp:3128";

describe("the proxy of a place", () => {
  it.each([
    ["http://proxy.corp:3128", "proxy.corp", 3128],
    ["http://user:p%40ss@proxy.corp:3128/", "proxy.corp", 3128],
    ["proxy.corp:3128", "proxy.corp", 3128],
    ["http://proxy.corp", "proxy.corp", 80],
    ["https://proxy.corp", "proxy.corp", 443],
    ["http://[::1]:3128", "::1", 3128],
  ])("%s is read as people write it", (given, host, port) => {
    for (const name of ["HTTPS_PROXY", "https_proxy"]) {
      const found = proxyFor({ [name]: given }, vault);
      expect(found).toMatchObject({ host, port });
      expect(found?.name).not.toContain("user");
    }
  });

  it.each(["socks5://proxy.corp:1080", "http://", "http://user:canary@", "ftp://proxy.corp", "http://a b"])(
    "%s is usage, and never quoted",
    (given) => {
      expect(() => proxyFor({ HTTPS_PROXY: given }, vault)).toThrow(
        expect.objectContaining({ code: "usage", message: expect.not.stringContaining("canary") }),
      );
    },
  );

  it.each([
    ["*", true],
    ["demo.vault.azure.net", true],
    ["DEMO.vault.azure.NET", true],
    ["vault.azure.net", true],
    [".vault.azure.net", true],
    ["*.vault.azure.net", true],
    ["a.com, vault.azure.net", true],
    ["a.com vault.azure.net:443", true],
    ["vault.azure.net:444", false],
    ["other.vault.azure.net", false],
    ["lt.azure.net", false],
    ["vault.azure.net.evil.com", false],
    [".", false],
    ["", false],
  ])("NO_PROXY=%j exempts it: %s", (list, exempt) => {
    for (const name of ["NO_PROXY", "no_proxy"]) {
      expect(proxyFor({ HTTPS_PROXY: proxy, [name]: list }, vault) === undefined).toBe(exempt);
    }
  });

  it("is none without HTTPS_PROXY, whatever else is set, and none for this machine", () => {
    expect(proxyFor({ HTTP_PROXY: proxy, HTTPS_PROXY: "", NO_PROXY: "x" }, vault)).toBeUndefined();
    const { cloud } = vaultAt("demo");
    const wayTo = ways({ HTTPS_PROXY: proxy });
    for (const host of ["127.0.0.1", "localhost", "[::1]", "demo.vault.localhost"]) {
      expect(wayTo(cloud, { host, port: 443 }).proxy).toBeUndefined();
    }
    expect(wayTo(cloud, vault).proxy?.name).toBe("proxy.corp:3128");
  });
});

it("every call goes through it: challenge, login, read and write", async () => {
  const real = vaultAt("demo", "real");
  await control("DELETE", "/requests");
  const through = adapterOf({ environment: { HTTPS_PROXY: ready.proxy_url } });
  await through.set(real, "x", { value: "1" });
  expect((await through.get(real, "x")).value).toBe("1");
  expect((await requests()).map(({ method, host }) => `${method} ${host}`)).toEqual([
    "GET demo.vault.azure.net",
    "POST login.microsoftonline.com",
    "PUT demo.vault.azure.net",
    "GET demo.vault.azure.net",
  ]);
});

it("a proxy that takes a connection and says nothing is given up in time", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const name = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const through = adapterOf({ environment: { HTTPS_PROXY: `http://${name}` }, perRequestMs: 20 });
  await expect(through.get(vaultAt("demo", "real"), "x")).rejects.toMatchObject({
    code: "unavailable",
    message: `No connection to demo.vault.azure.net came about in time, through the proxy ${name}.`,
  });
  silent.close();
});
