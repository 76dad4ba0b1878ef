import { describe, expect, it } from "vitest";
import { UscError } from "../../../src/kernel/errors.ts";
import { objectReference } from "../../../src/adapters/azure/object-reference.ts";
import { vaultUrl } from "../../../src/adapters/azure/vault-url.ts";

const azure = { name: "AzureCloud", "authority-host": "https://login.microsoftonline.com", "key-vault-suffix": "vault.azure.net" };
const local = { name: "lab", "authority-host": "https://127.0.0.1:8443", "key-vault-suffix": "vault.localhost:8443" };
const usage = expect.objectContaining({ code: "usage" });

describe("a vault's address", () => {
  it.each([
    [azure, { name: "Demo" }, "https://demo.vault.azure.net", "demo"],
    [azure, { url: "https://Demo.Vault.azure.net:443/" }, "https://demo.vault.azure.net", "demo"],
    [local, { name: "demo" }, "https://demo.vault.localhost:8443", "demo"],
    [local, { url: "https://127.0.0.1:9000" }, "https://127.0.0.1:9000", "127.0.0.1"],
    [local, { url: "https://[::1]:9000/" }, "https://[::1]:9000", "[::1]"],
    [local, { url: "https://LOCALHOST" }, "https://localhost", "localhost"],
  ])("%j %j has the normal form %s", (cloud, given, url, name) => {
    expect(vaultUrl(cloud, given)).toEqual({ url, name });
  });

  it.each([
    "https://demo.vault.azure.net.evil.com",
    "https://evil.com#.vault.azure.net",
    "https://evil.com/.vault.azure.net",
    "https://evil.com?.vault.azure.net",
    "https://demo.vault.azure.net@evil.com",
    "https://demo:x@demo.vault.azure.net",
    "https://evil.com\\.vault.azure.net",
    "https:\\\\demo.vault.azure.net",
    "https://evilvault.azure.net",
    "https://demo。vault。azure。net",
    "https://demo.vault.azure.net.",
    "https://demo.vault.azure.net:444",
    "http://demo.vault.azure.net",
    "https://a.demo.vault.azure.net",
    "https://.vault.azure.net",
    "https://vault.azure.net",
    "https://demo.vault.azure.net\n.evil.com",
    "https://127.0.0.1",
    "https://dem%6f.vault.azure.net",
  ])("%j is no vault of the public cloud", (url) => {
    expect(() => vaultUrl(azure, { url })).toThrow(usage);
  });

  it("whatever is accepted is https, one label and the suffix", () => {
    const pieces = ["https://", "demo", ".", "vault.azure.net", "evil.com", "@", "#", "/", "\\", ":443", ":444", "?", "%2e", " ", "。"];
    let urls = [""];
    let accepted = 0;
    for (let length = 1; length <= 5; length++) {
      urls = urls.flatMap((head) => (length === 1 ? ["https://", "http://", ""] : pieces).map((piece) => head + piece));
      for (const url of urls) {
        try {
          expect(vaultUrl(azure, { url }).url).toMatch(/^https:\/\/[a-z][a-z0-9-]+\.vault\.azure\.net$/);
          accepted += 1;
        } catch (error) {
          if (!(error instanceof UscError && error.code === "usage")) throw error;
        }
      }
    }
    expect(accepted).toBeGreaterThan(0);
  });
});

describe("a reference to an object", () => {
  const vault = { url: "https://demo.vault.azure.net" };
  const version = "0123456789abcdef0123456789abcdef";
  it.each([
    ["a-1", { name: "a-1" }],
    [`a/${version}`, { name: "a", version }],
    ["https://demo.vault.azure.net/secrets/a", { name: "a" }],
    [`https://DEMO.vault.azure.net:443/secrets/a/${version.toUpperCase()}`, { name: "a", version }],
  ])("%j is read", (reference, read) => {
    expect(objectReference(vault, reference, "secret")).toEqual(read);
  });

  it.each([
    "",
    "a/",
    "/a",
    "a_b",
    "a.b",
    "../a",
    "a/short",
    `a/${version}/x`,
    "x".repeat(128),
    "https://demo.vault.azure.net/secrets/",
    "https://demo.vault.azure.net/secrets/a/",
    "https://demo.vault.azure.net/keys/a",
    "https://other.vault.azure.net/secrets/a",
    "https://demo.vault.azure.net:444/secrets/a",
    "http://demo.vault.azure.net/secrets/a",
    "https://demo.vault.azure.net/secrets/a?x",
  ])("%j is usage", (reference) => {
    expect(() => objectReference(vault, reference, "secret")).toThrow(usage);
  });
});
