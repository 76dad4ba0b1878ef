import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { opensslFolder } from "../emulator/openssl.ts";
import { cli } from "../support/cli.ts";
import { gatewayOver } from "../support/gateway.ts";
import { inItsPlace, json } from "../support/gateway-relay.ts";
import { program, start, until } from "../support/program.ts";

const far = cli();
const stranger = await inItsPlace(({ path }, response) => {
  if (path === "/usc-get")
    json(response, 503, { error: "Key Vault is busy.", code: "unavailable", retry_after: 9 }, { "retry-after": "9" });
  if (path === "/list-items") json(response, 200, { items: "none" });
  if (path === "/get-tags") json(response, 401, { error: "The token is not known.", code: "gateway_unauthenticated" });
  if (path === "/auth") json(response, 200, { token: "t-1", expiration: "2099-01-01T00:00:00Z" });
  // Everything else hangs.
});
afterAll(async () => {
  await stranger.stop();
  far.clean();
});
const there = ["--gateway-url", stranger.url, "--token", "t"];

describe("a gateway that cannot do it", () => {
  it("says when to come back, and is not asked again meanwhile: exit 7", async () => {
    stranger.asked.length = 0;
    const { exit, stdout, failure } = await far.usc(["get", "-n", "kv", "-s", "x", ...there]);
    expect({ exit, stdout, failure }).toEqual({
      exit: 7,
      stdout: "",
      failure: { error: "Key Vault is busy.", code: "unavailable", retry_after: 9 },
    });
    expect(stranger.asked).toHaveLength(1);
  });

  it("or answers in another form than the command's is none: exit 2, nothing on stdout", async () => {
    expect(await far.usc(["list-items", ...there])).toMatchObject({
      exit: 2,
      stdout: "",
      failure: { error: `What answers at ${stranger.url} is no usc gateway (HTTP 200).` },
    });
  });

  it("refuses a token that it has just given: one login, and the refusal stands", async () => {
    await far.usc(["configure", "-u", stranger.url, "--access-id", "a", "--access-key", "k"]);
    stranger.asked.length = 0;
    const { exit } = await far.usc(["get-tags", "--name", "kv", "-u", stranger.url]);
    expect({ exit, asked: stranger.asked.map(({ path }) => path) }).toEqual({ exit: 5, asked: ["/auth", "/get-tags"] });
    stranger.asked.length = 0;
    await far.usc(["get-tags", "--name", "kv", "--profile", "default"]);
    expect(stranger.asked.map(({ path }) => path)).toEqual(["/get-tags", "/auth", "/get-tags"]);
  });
});

describe("Ctrl-C while a gateway is at work", () => {
  const stopped = async (argv: readonly string[], signal: NodeJS.Signals) => {
    const before = stranger.asked.length;
    const { child, ended } = start(far, [...program, ...argv, ...there]);
    await until("the gateway has the request", () => stranger.asked.length > before);
    child.kill(signal);
    return ended;
  };

  it.runIf(process.platform === "linux")("C1 shows neither token nor key in the process list (needs Linux's /proc)", async () => {
    const before = stranger.asked.length;
    const canary = "t-canary-77ce";
    const { child, ended } = start(far, [...program, "versions", "-n", "kv", "-s", "x", "-u", stranger.url, "--token", canary]);
    await until("the gateway has the request", () => stranger.asked.length > before);
    expect(stranger.asked.at(-1)?.headers.authorization).toBe(`Bearer ${canary}`);
    expect(readFileSync(`/proc/${child.pid}/cmdline`, "latin1")).toMatch(/^usc\0*$/u);
    child.kill("SIGINT");
    await ended;
  });

  it("ends a read at once: 130", async () => {
    expect(await stopped(["versions", "-n", "kv", "-s", "x"], "SIGINT")).toMatchObject({ exit: 130, stdout: "", stderr: "" });
  });

  it("ends the wait for a write, and says that it goes on there: 130, and 143 for SIGTERM", async () => {
    const { exit, stdout, stderr } = await stopped(["purge", "-n", "kv", "-s", "x"], "SIGINT");
    expect({ exit, stdout }).toEqual({ exit: 130, stdout: "" });
    expect(JSON.parse(stderr)).toMatchObject({ code: "interrupted", error: expect.stringContaining("goes on with usc-purge") });
    expect((await stopped(["purge", "-n", "kv", "-s", "x"], "SIGTERM")).exit).toBe(143);
  });
});

describe("a gateway with TLS", () => {
  it("is believed with a CA that Node was told of, and otherwise not, whatever else the environment says", async () => {
    const openssl = opensslFolder();
    openssl.pair("gateway", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1");
    const files = ["--tls-cert", openssl.path("gateway.crt"), "--tls-key", openssl.path("gateway.key")];
    const home = cli();
    const gateway = await gatewayOver(home, files);
    const argv = ["auth", "-u", gateway.url, "--access-id", gateway.admin.access_id, "--access-key", gateway.admin.access_key];
    const env = { NODE_EXTRA_CA_CERTS: openssl.path("gateway.crt") };
    expect((await far.usc(argv, { env })).exit).toBe(0);
    const proxied = { ...env, HTTPS_PROXY: "http://127.0.0.1:9" };
    expect((await far.usc(argv, { env: proxied })).exit).toBe(0);
    for (const unsafe of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }]) {
      const { exit, stderr } = await far.usc(argv, { env: unsafe });
      expect(exit).toBe(7);
      expect(stderr).toContain("is not trusted");
      expect(stderr).toContain("NODE_EXTRA_CA_CERTS");
    }
    expect((await far.usc([...argv.slice(0, 2), gateway.url.replace("https", "http"), ...argv.slice(3)])).exit).toBe(7);
    await gateway.stop();
    home.clean();
  });
});
