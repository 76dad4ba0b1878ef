import { describe, expect, it } from "vitest";
import { unreachable } from "../../../src/adapters/azure/failures.ts";
import { failureOf } from "../../../src/adapters/network/failures.ts";

const vault = { origin: "https://demo.vault.azure.net", is: "vault" } as const;
const login = { origin: "https://login.microsoftonline.com", is: "login" } as const;
const told = (code: string | undefined, proxy?: string, peer: typeof vault | typeof login = vault) =>
  unreachable(failureOf({ code }, false, proxy), peer).message;

describe("what the network says is told in words", () => {
  it.each([
    ["ECONNREFUSED", "demo.vault.azure.net refused the connection."],
    ["EHOSTUNREACH", "There is no route to demo.vault.azure.net."],
    ["ENETUNREACH", "There is no route to demo.vault.azure.net."],
    ["ENOTFOUND", "The vault demo does not exist: the name demo.vault.azure.net cannot be resolved."],
    ["EAI_AGAIN", "The name server did not answer when asked for demo.vault.azure.net."],
    ["ETIMEDOUT", "No connection to demo.vault.azure.net came about in time."],
    ["ECONNRESET", "The connection to demo.vault.azure.net was closed before the answer was whole."],
    [undefined, "The connection to demo.vault.azure.net was closed before the answer was whole."],
    ["HPE_INVALID_CONSTANT", "The answer of demo.vault.azure.net is not HTTP."],
  ])("%s", (code, sentence) => expect(told(code)).toBe(sentence));

  it.each(["DEPTH_ZERO_SELF_SIGNED_CERT", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID"])(
    "%s",
    (code) => expect(told(code)).toBe("The TLS certificate of demo.vault.azure.net is not trusted."),
  );

  it.each([
    ["ECONNREFUSED", "The proxy p:1 on the way to demo.vault.azure.net refused the connection."],
    ["ENOTFOUND", "The name of the proxy p:1 on the way to demo.vault.azure.net cannot be resolved."],
    ["EAI_AGAIN", "The name of the proxy p:1 on the way to demo.vault.azure.net cannot be resolved."],
    ["ERR_PROXY_TUNNEL", "The proxy p:1 opened no tunnel to demo.vault.azure.net."],
    ["ETIMEDOUT", "No connection to demo.vault.azure.net came about in time, through the proxy p:1."],
  ])("%s of a proxy", (code, sentence) => expect(told(code, "p:1")).toBe(sentence));

  it("a login host is no vault", () => {
    expect(told("ENOTFOUND", undefined, login)).toBe(
      "The login host login.microsoftonline.com does not exist: its name cannot be resolved.",
    );
  });

  it("only a write that can have arrived is unknown", () => {
    const effect = "whether the secret x was written";
    expect(unreachable(failureOf({ code: "ECONNRESET" }, true, undefined), vault, effect)).toMatchObject({
      message: expect.stringContaining(`It is unknown ${effect}.`),
      details: { reason: "lost" },
    });
    expect(unreachable(failureOf({ code: "ECONNREFUSED" }, false, undefined), vault, effect).details.reason).toBeUndefined();
  });
});
