import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { opensslFolder } from "../emulator/openssl.ts";
import { cli } from "../support/cli.ts";
import { gatewayOver } from "../support/gateway.ts";
import { until } from "../support/program.ts";
import { raw } from "../support/raw-socket.ts";

const tool = cli();
const openssl = opensslFolder();
const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
const [first, second, other] = ["first", "second", "other"].map((name) => openssl.pair(name, `/CN=${name}`, ...names));
const [cert, key] = [openssl.path("served.pem"), openssl.path("served.key")];
const put = (certificate = "", itsKey = ""): void => {
  writeFileSync(cert, certificate);
  writeFileSync(key, itsKey);
};
let gateway: Awaited<ReturnType<typeof gatewayOver>>;
beforeAll(async () => {
  put(first?.certificate, first?.key);
  gateway = await gatewayOver(tool, ["--tls-cert", cert, "--tls-key", key]);
});
afterAll(async () => {
  expect(await gateway.stop()).toBe(0);
  tool.clean();
});

/** The name in the certificate that the next connection is shown. */
const shown = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(gateway.url).port), host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.once("error", reject);
  });

const warned = (): string[] =>
  gateway
    .told()
    .filter(({ level }) => level === "warn")
    .map(({ msg }) => String(msg));

describe("the gateway with --tls-cert and --tls-key", () => {
  it("serves https, and nothing without", async () => {
    expect(gateway.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/u);
    const status = await new Promise((resolve, reject) => {
      request(`${gateway.url}/healthz`, { ca: first?.certificate }, (answer) => resolve(answer.statusCode))
        .once("error", reject)
        .end();
    });
    expect(status).toBe(200);
    const { host } = new URL(gateway.url);
    expect((await raw(gateway.url.replace("https", "http"), `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).status).not.toBe(200);
  });

  it("serves a renewed certificate to the next connection after SIGHUP", async () => {
    expect(await shown()).toBe("first");
    put(second?.certificate, second?.key);
    expect(await shown()).toBe("first");
    process.kill(gateway.pid, "SIGHUP");
    await until("the renewed one is served", async () => (await shown()) === "second");
    expect(gateway.told().at(-1)).toMatchObject({ level: "info", msg: expect.stringContaining("TLS certificate") });
  });

  it.each([
    ["no PEM", "nonsense", "nonsense", "cannot be used"],
    ["a key that is another's", second?.certificate, other?.key, "do not belong together"],
    ["an empty file", "", second?.key, "cannot be used"],
  ])("keeps the one before when the renewed one is %s, and says why", async (_, certificate, itsKey, sentence) => {
    const before = warned().length;
    put(certificate, itsKey);
    process.kill(gateway.pid, "SIGHUP");
    await until("it is told", () => warned().length > before);
    expect(warned().at(-1)).toContain(sentence);
    expect(warned().at(-1)).toContain("The one before stays.");
    expect(await shown()).toBe("second");
  });
});

describe("without a certificate", () => {
  it("SIGHUP says that there is none to read", async () => {
    const plain = await gatewayOver(cli());
    process.kill(plain.pid, "SIGHUP");
    await until("it is told", () => plain.told().some(({ msg }) => msg === "there is no TLS certificate to read anew"));
    await plain.stop();
  });
});

describe("at the start", () => {
  it.each([
    ["one without the other", { USC_TLS_CERT: cert }, "go together"],
    ["no such file", { USC_TLS_CERT: `${cert}.none`, USC_TLS_KEY: key }, "--tls-cert cannot be read"],
    ["what does not fit", { USC_TLS_CERT: openssl.path("first.crt"), USC_TLS_KEY: openssl.path("second.key") }, "do not belong together"],
  ])("%s is a usage error", async (_, env, sentence) => {
    const { exit, failure } = await tool.usc(["gateway", "start", "--listen", "127.0.0.1:0"], { env });
    expect({ exit, code: failure.code }).toEqual({ exit: 2, code: "usage" });
    expect(failure.error).toContain(sentence);
  });

  it("every address is served with TLS, with the flags in the environment", async () => {
    const open = cli();
    const env = { USC_TLS_CERT: openssl.path("first.crt"), USC_TLS_KEY: openssl.path("first.key"), USC_LISTEN: "0.0.0.0:0" };
    const served = await gatewayOver(open, undefined, env);
    const port = new URL(served.url).port;
    const status = await new Promise((resolve, reject) => {
      // By the address that it comes in at, which nobody has named.
      request(`https://127.0.0.1:${port}/healthz`, { ca: first?.certificate }, (answer) => resolve(answer.statusCode))
        .once("error", reject)
        .end();
    });
    expect(status).toBe(200);
    await served.stop();
    open.clean();
  });
});
