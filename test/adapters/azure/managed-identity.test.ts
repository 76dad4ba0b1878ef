import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { machineToken } from "../../../src/adapters/azure/managed-identity.ts";
import { identityDoor } from "../../../src/adapters/azure/identity-door.ts";
import type { Call } from "../../../src/adapters/azure/index.ts";
import { azureLab } from "./azure-lab.ts";
import { stillClock } from "../../support/still-clock.ts";

const lab = await azureLab(["demo"]);
afterAll(() => lab.stop());
afterEach(() => lab.control("DELETE", "/faults"));
const { cloud, target } = lab.vaultAt("demo");
const audience = "https://vault.azure.net";

async function login(environment: Record<string, string>, more: { maxRetries?: number; forMs?: number } = {}) {
  const clock = stillClock();
  const calls: Call[] = [];
  const door = identityDoor(environment);
  const credential = { type: "managed-identity", tenant: undefined, which: undefined, door } as const;
  const ways = { transport: () => never(), environment, onCall: (call: Call) => calls.push(call) };
  const patience = { clock, deadline: clock.now() + (more.forMs ?? 90_000), perRequestMs: 10_000, maxRetries: more.maxRetries };
  const outcome = machineToken(ways, { cloud, target, credential, audience }, credential, patience);
  const token = await outcome.catch((error: unknown) => error);
  return { token, calls, sleeps: clock.sleeps };
}

const imds = { AZURE_POD_IDENTITY_AUTHORITY_HOST: lab.ready.imds };

describe("IMDS", () => {
  it.each([404, 410, 429, 500, 503])("that answers %i for a while is asked again, after 0, 2, 6 and 14 seconds", async (status) => {
    await lab.control("POST", "/faults", { path: "/metadata/*", times: 4, status });
    const { token, calls, sleeps } = await login(imds);
    expect(token).toMatchObject({ text: expect.stringMatching(/^ey/u) });
    expect(calls.map((call) => call.status)).toEqual([status, status, status, status, 200]);
    expect(sleeps).toEqual([0, 2000, 6000, 14_000]);
  });

  it("that goes on is unavailable after five more tries, or as many as are wanted, or when the time is over", async () => {
    await lab.control("POST", "/faults", { path: "/metadata/*", times: 99, status: 410 });
    for (const [more, tries] of [
      [{}, 6],
      [{ maxRetries: 1 }, 2],
      [{ forMs: 7000 }, 3],
    ] as const) {
      const { token, calls } = await login(imds, more);
      expect(token).toMatchObject({ code: "unavailable", message: expect.stringMatching(/gives no tokens at the moment \(HTTP 410\)/u) });
      expect(calls).toHaveLength(tries);
    }
  });

  it("is told with its address, and never with the header that App Service wants", async () => {
    const { endpoint, header } = lab.ready.app_service;
    const { calls } = await login({ IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header });
    expect(calls).toMatchObject([
      { method: "GET", url: `${endpoint}?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net`, status: 200 },
    ]);
    expect(JSON.stringify(calls)).not.toContain(header);
  });

  it.each([
    ["HTML", "<html>"],
    ["no lifetime", '{"access_token":"x"}'],
    ["a token that would end the header", '{"access_token":"x\\r\\ny: z","expires_on":"2000000000"}'],
  ])("%s in place of a token is unavailable", async (_, body) => {
    await lab.control("POST", "/faults", { path: "/metadata/*", times: 1, status: 200, body });
    expect((await login(imds)).token).toMatchObject({ code: "unavailable" });
  });

  it.each([
    ["another cloud's, which wants a login of its own", 401, "<html>Unauthorized</html>"],
    ["another cloud's, which knows no such path", 404, "<html>Not Found</html>"],
    ["a captive portal's", 302, ""],
  ])("that is %s is told as no identity service of Azure's", async (_, status, body) => {
    await lab.control("POST", "/faults", { path: "/metadata/*", times: 9, status, body });
    const { token } = await login(imds, { maxRetries: 0 });
    expect(token).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(`(HTTP ${status})`),
      details: { hint: expect.stringContaining("Only machines in Azure have a managed identity") },
    });
    expect(String(token)).not.toMatch(/header|html/u);
  });

  it("is never asked through a proxy, and a redirect of its is not followed", async () => {
    const elsewhere: string[] = [];
    const other = createServer((request, response) => {
      elsewhere.push(request.url ?? "");
      response.end("{}");
    });
    other.on("connect", (request, socket) => {
      elsewhere.push(request.url ?? "");
      socket.destroy();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const proxies = { HTTP_PROXY: url, http_proxy: url, HTTPS_PROXY: url, https_proxy: url, ALL_PROXY: url };
    expect((await login({ ...imds, ...proxies })).token).toMatchObject({ text: expect.any(String) });
    await lab.control("POST", "/faults", { path: "/metadata/*", times: 9, status: 302, headers: { location: `${url}/x` } });
    expect((await login(imds)).token).toMatchObject({ code: "unavailable" });
    expect(elsewhere).toEqual([]);
    other.close();
  });
});

describe("the door to a machine's identities", () => {
  it.each([
    ["App Service", { IDENTITY_ENDPOINT: "http://127.0.0.1:41741/msi/token", IDENTITY_HEADER: "h" }, "http://127.0.0.1:41741/msi/token"],
    [
      "App Service on Linux",
      { IDENTITY_ENDPOINT: "http://172.16.0.5:8081/msi/token", IDENTITY_HEADER: "h" },
      "http://172.16.0.5:8081/msi/token",
    ],
    ["a virtual machine", {}, "http://169.254.169.254/metadata/identity/oauth2/token"],
    ["a pod", { AZURE_POD_IDENTITY_AUTHORITY_HOST: "http://169.254.169.254/" }, "http://169.254.169.254/metadata/identity/oauth2/token"],
  ])("of %s", (_, environment, url) => {
    expect(identityDoor(environment)).toMatchObject({ url });
  });

  it.each([
    "https://169.254.169.254",
    "http://8.8.8.8",
    "http://169.254.169.254.evil.com",
    "http://user@127.0.0.1",
    "http://172.32.0.1",
    "x",
    "http://127.0.0.1?a=b",
  ])("is never at %s", (url) => {
    for (const environment of [{ AZURE_POD_IDENTITY_AUTHORITY_HOST: url }, { IDENTITY_ENDPOINT: url, IDENTITY_HEADER: "canary-h" }]) {
      expect(() => identityDoor(environment)).toThrow(
        expect.objectContaining({ code: "usage", message: expect.not.stringContaining("canary") }),
      );
    }
  });

  it.each([
    [{ IDENTITY_ENDPOINT: "http://127.0.0.1/x" }, "usage", /IDENTITY_HEADER is not/u],
    [{ IDENTITY_HEADER: "canary-h" }, "usage", /IDENTITY_ENDPOINT is not/u],
    [{ IDENTITY_ENDPOINT: "http://127.0.0.1/x", IMDS_ENDPOINT: "http://127.0.0.1" }, "unsupported", /Azure Arc/u],
    [{ IDENTITY_ENDPOINT: "http://127.0.0.1/x", IDENTITY_HEADER: "h", IDENTITY_SERVER_THUMBPRINT: "t" }, "unsupported", /Service Fabric/u],
  ])("is not guessed from %j", (environment, code, message) => {
    expect(() => identityDoor(environment)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});

function never(): never {
  throw new Error("a machine's login does not use this way");
}
