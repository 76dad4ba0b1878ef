import { afterAll, describe, expect, it } from "vitest";
import { cli } from "../support/cli.ts";
import { gatewayOver } from "../support/gateway.ts";
import { localAzure } from "../support/local-azure.ts";
import { until } from "../support/program.ts";
import { raw } from "../support/raw-socket.ts";

const lab = await localAzure();
const gateway = await gatewayOver(lab, ["--trusted-proxy", "127.0.0.0/8", "--trusted-proxy", "10.1.0.0/16"]);
const { host } = new URL(gateway.url);
const token = await gateway.login(gateway.admin);
afterAll(async () => {
  await gateway.stop();
  await lab.stop();
});
const ask = (path: string, body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  gateway.post(path, { token, ...body }, headers);

/** The line of a request. */
async function lineOf(headers: Headers): Promise<Record<string, unknown>> {
  const id = headers.get("x-request-id");
  const line = () => gateway.told().find((told) => told["id"] === id);
  await until(`the request ${id} is told`, () => line() !== undefined);
  return line() ?? {};
}

describe("the log", () => {
  it("has one line of JSON for each request: who, what, with which outcome, how long", async () => {
    const { headers } = await ask("usc-get", { "usc-name": "kv", "secret-id": "absent" }, { "x-request-id": "mine" });
    expect(await lineOf(headers)).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u),
      id: expect.stringMatching(/^[\w-]{8}-[0-9a-z]+$/u),
      msg: "request",
      address: "127.0.0.1",
      method: "POST",
      route: "usc-get",
      caller: "/admin",
      fields: ["usc-name", "secret-id"],
      status: 404,
      code: "not_found",
      duration_ms: expect.any(Number),
    });
  });

  it("holds no value, no token, no key and no name of an unknown field, whatever comes of the request", async () => {
    const canary = "canary-log-9e03";
    const sent = await Promise.all([
      ask("usc-create", { "usc-name": "kv", "secret-name": "told", value: canary, [canary]: canary }),
      ask("target-create-azure", { name: "told", "tenant-id": canary, "client-id": canary, "client-secret": canary }),
      gateway.post("auth", { "access-id": canary, "access-key": canary }),
      gateway.post(`usc-get?${canary}`, { token: canary }),
      gateway.post(canary, {}, { "user-agent": canary }),
      gateway.post("usc-get", `{"${canary}`),
    ]);
    expect(sent.map(({ status }) => status)).toEqual([200, 400, 401, 401, 501, 400]);
    for (const { headers } of sent) await lineOf(headers);
    expect(gateway.heard.join("")).not.toContain(canary);
    expect(gateway.heard.join("")).not.toContain(token);
  });
});

describe("X-Forwarded-For", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["198.51.100.1, 203.0.113.7", "203.0.113.7"],
    ["198.51.100.1, 203.0.113.7, 10.1.2.3", "203.0.113.7"],
    ["203.0.113.7:5500, 127.0.0.9", "203.0.113.7"],
    ["[2001:DB8::1]:443", "2001:db8::1"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["203.0.113.7, unknown", "127.0.0.1"],
    ["10.1.9.9", "10.1.9.9"],
    ["", "127.0.0.1"],
    ["203.0.113.7, a\u00e9\u202e", "127.0.0.1"],
  ])("%j through trusted proxies is %s", async (forwarded, address) => {
    const { text } = await raw(gateway.url, `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: ${forwarded}\r\n\r\n`);
    const id = /^x-request-id: (\S+)/imu.exec(text)?.[1] ?? "";
    expect((await lineOf(new Headers({ "x-request-id": id })))["address"]).toBe(address);
  });

  it("G8 makes wrong keys count for where they come from, also under a new id each, and for nobody else", async () => {
    const attempt = (from: string, id: string) =>
      gateway.post("auth", { "access-id": id, "access-key": "wrong" }, { "x-forwarded-for": from });
    for (let at = 0; at < 30; at += 1) {
      const { json } = await attempt(`2001:db8:0:7::${at + 1}`, `p-${at}`);
      expect(json["retry_after"]).toBeUndefined();
    }
    const slowed = await attempt("2001:db8:0:7:ffff::9", "p-another");
    expect(slowed).toMatchObject({ status: 401, json: { error: "Too many wrong keys were tried from this address.", retry_after: 1 } });
    expect((await attempt("2001:db8:0:8::1", "p-another")).json["retry_after"]).toBeUndefined();
    expect(await gateway.login(gateway.admin)).toMatch(/^t-/u);
  });
});

describe("what clients leave out", () => {
  const target = { "tenant-id": lab.ready.tenant_id, "client-id": lab.ready.client_id, "client-secret": "s", "azure-cloud": "lab" };

  it("comes as an empty text or list from all of them, and as 0 from Terraform alone", async () => {
    await ask("usc-create", { "usc-name": "kv", "secret-name": "left", value: "v", tags: [], description: "" });
    const listed = { "usc-name": "kv", "page-size": 0, "secret-id": "", "page-token": "" };
    expect((await ask("usc-list", listed)).json).toMatchObject({ code: "usage", error: expect.stringContaining("--page-size") });
    expect((await ask("usc-list", listed, { akeylessclienttype: "terraform" })).status).toBe(200);
    expect((await ask("usc-list", { ...listed, "page-size": [] })).status).toBe(200);
  });

  it("is missing where it is required, and an empty value is a value", async () => {
    expect((await ask("usc-get", { "usc-name": "", "secret-id": "x" })).json).toMatchObject({
      error: "--usc-name is empty.",
      code: "usage",
    });
    const empty = { "usc-name": "kv", "secret-name": "empty", value: "" };
    expect((await ask("usc-create", empty)).status).toBe(200);
    expect((await ask("usc-get", { "usc-name": "kv", "secret-id": "empty" })).json).toMatchObject({ value: "" });
  });

  it("and what is given may be text where it is a number, true or false", async () => {
    await ask("target-create-azure", { name: "typed", ...target });
    for (const [at, given] of ["true", "True", "TRUE", true].entries()) {
      const made = { "usc-name": "kv", "secret-name": `typed${at}`, value: "//8=", "binary-value": given };
      expect((await ask("usc-create", made)).status).toBe(200);
      expect((await ask("usc-get", { "usc-name": "kv", "secret-id": `typed${at}` })).json).toMatchObject({
        value: "//8=",
        binary_value: true,
      });
    }
    expect((await ask("usc-list", { "usc-name": "kv", "page-size": "2" })).status).toBe(200);
    expect((await ask("usc-list", { "usc-name": "kv", "page-size": "two" })).status).toBe(400);
  });
});

describe("flags", () => {
  it.each([
    [["--trusted-proxy", "10.0.0.0/33"], "--trusted-proxy is not valid"],
    [["--trusted-proxy", "localhost"], "--trusted-proxy is not valid"],
    [["--log-level", "loud"], "--log-level is not valid"],
    [["--listen", "8000"], "--listen is not valid"],
    [["--no-such"], "does not take these flags"],
  ])("%j is refused: %s", async (argv, sentence) => {
    const { exit, failure } = await lab.usc(["gateway", "start", ...argv]);
    expect({ exit, code: failure.code }).toEqual({ exit: 2, code: "usage" });
    expect(failure.error).toContain(sentence);
  });

  it("stand in the environment as well", async () => {
    for (const [name, value, sentence] of [
      ["USC_TRUSTED_PROXY", "10.0.0.0/8, nowhere", "--trusted-proxy"],
      ["USC_LOG_LEVEL", "loud", "--log-level"],
      ["USC_LISTEN", "8000", "--listen"],
      ["USC_INSECURE_LISTEN", "yes", "USC_INSECURE_LISTEN"],
      ["USC_TLS_CERT", "cert.pem", "--tls-cert and --tls-key"],
    ] as const) {
      const { exit, failure } = await lab.usc(["gateway", "start"], { env: { [name]: value } });
      expect({ exit, name }).toEqual({ exit: 2, name });
      expect(failure.error).toContain(sentence);
    }
  });

  it("say how much is told: nothing when silent, probes as well at debug", async () => {
    const [one, two] = [cli(), cli()];
    const silent = await gatewayOver(one, ["--log-level", "silent"]);
    await silent.post("auth", {});
    await silent.stop();
    expect(silent.heard.join("")).toBe("");
    const chatty = await gatewayOver(two, [], { USC_LOG_LEVEL: "debug" });
    await fetch(`${chatty.url}/healthz`);
    await chatty.stop();
    expect(chatty.told().map(({ level, route, msg }) => [level, route, msg])).toEqual([
      ["debug", "healthz", "request"],
      ["info", undefined, "stopping"],
    ]);
    one.clean();
    two.clean();
  });
});

describe("the page at /docs", () => {
  it("is made of what stands here: no script or style in it, none from elsewhere, packed where it is large", async () => {
    const { headers, text } = await page("/docs");
    expect(headers.get("content-security-policy")).not.toMatch(/unsafe|https?:|\*/u);
    const [...loaded] = text.matchAll(/(?:src|href)="([^"]*)"/gu);
    expect(text).not.toMatch(/<style|<script>|style=|onload/u);
    for (const [, path = ""] of loaded) {
      if (path.startsWith("data:")) continue;
      const part = await page(`/${path}`);
      expect(part.status, path).toBe(200);
      expect(part.headers.get("content-type"), path).toMatch(/^text\/(javascript|css); charset=utf-8$/u);
    }
    const large = await page("/docs/swagger-ui-bundle.js");
    expect(large.headers.get("content-encoding")).toBe("gzip");
    expect(Number(large.headers.get("content-length"))).toBeLessThan(500_000);
    expect(large.text).toContain("SwaggerUIBundle");
    const plain = await page("/docs/swagger-ui-bundle.js", { "accept-encoding": "identity" });
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(plain.text).toBe(large.text);
  });

  async function page(path: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${gateway.url}${path}`, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
});
