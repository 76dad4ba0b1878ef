import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { until } from "../support/program.ts";
import { UscError } from "../../src/kernel/errors.ts";
import { networkOf, sources } from "../../src/faces/gateway/source.ts";
import { raw } from "../support/raw-socket.ts";
import { post, served } from "../support/served.ts";

const gateway = await served();
const { host, url } = gateway;
const port = host.split(":")[1] ?? "";
const asks = (head: string): string => `${head}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
const none = (): void => expect(gateway.called.splice(0)).toEqual([]);

describe("G1 a request by another name", () => {
  it.each([
    ["two Hosts, both ours", `POST /list-items HTTP/1.1\r\nHost: ${host}\r\nHost: ${host}`],
    ["two Hosts, ours first", `POST /list-items HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example`],
    ["two Hosts, ours last", `POST /list-items HTTP/1.1\r\nHost: evil.example\r\nhost: ${host}`],
    ["two in one", `POST /list-items HTTP/1.1\r\nHost: ${host}, ${host}`],
    ["none", "POST /list-items HTTP/1.1"],
    ["none, HTTP/1.0", "POST /list-items HTTP/1.0"],
    ["an empty one", "POST /list-items HTTP/1.1\r\nHost:"],
    ["another", "POST /list-items HTTP/1.1\r\nHost: evil.example"],
    ["another, our port", `POST /list-items HTTP/1.1\r\nHost: evil.example:${port}`],
    ["a name below ours", `POST /list-items HTTP/1.1\r\nHost: evil.localhost:${port}`],
    ["another port", `POST /list-items HTTP/1.1\r\nHost: 127.0.0.1:1`],
    ["no port", "POST /list-items HTTP/1.1\r\nHost: 127.0.0.1"],
    ["a trailing dot", `POST /list-items HTTP/1.1\r\nHost: localhost.:${port}`],
    ["with a user", `POST /list-items HTTP/1.1\r\nHost: evil@${host}`],
    ["our address as a number", `POST /list-items HTTP/1.1\r\nHost: 2130706433:${port}`],
    ["our address mapped", `POST /list-items HTTP/1.1\r\nHost: [::ffff:127.0.0.1]:${port}`],
    ["absolute form, our name", `POST http://${host}/list-items HTTP/1.1\r\nHost: ${host}`],
    ["absolute form, another", `POST http://evil.example/list-items HTTP/1.1\r\nHost: ${host}`],
    ["no form at all", `POST list-items HTTP/1.1\r\nHost: ${host}`],
    ["the asterisk", `OPTIONS * HTTP/1.1\r\nHost: ${host}`],
    ["a tunnel", `CONNECT ${host} HTTP/1.1\r\nHost: ${host}`],
  ])("%s is refused before any handler", async (_, head) => {
    const { status } = await raw(url, asks(head));
    // 0: Node itself hung up.
    expect(status === 0 || (status >= 400 && status < 500), `${status}`).toBe(true);
    none();
  });

  it.each([
    ["the address", host],
    ["localhost", `localhost:${port}`],
    ["in capitals", `LOCALHOST:${port}`],
  ])("%s is ours", async (_, name) => {
    expect((await raw(url, post(name, "/list-items", "{}"))).status).toBe(200);
    expect(gateway.called.splice(0)).toHaveLength(1);
  });

  it("a name of --allowed-host is ours as well: at our port and at a proxy's usual one, or at the port that it names", async () => {
    const other = await served({ allowedHosts: ["Vault.Example", "proxy.example:8443", "[::1]"] });
    const there = new URL(other.url).port;
    const status = async (name: string): Promise<number> => (await raw(other.url, post(name, "/list-items", "{}"))).status;
    for (const name of [`vault.example:${there}`, "vault.example", "proxy.example:8443", "[::1]", `[::1]:${there}`])
      expect(await status(name), name).toBe(200);
    const others = [
      "vault.example:8443",
      "vault.example.",
      "proxy.example",
      `proxy.example:${there}`,
      "[::1]:8443",
      "127.0.0.1",
      "localhost",
    ];
    for (const name of others) expect(await status(name), name).toBe(421);
  });
});

describe("G2 a page of another site", () => {
  const ask = (...headers: string[]): Promise<{ status: number; text: string }> =>
    raw(url, [`POST /list-items HTTP/1.1`, `Host: ${host}`, ...headers, "Content-Length: 2", "", "{}"].join("\r\n"));

  const types = ["application/json", "application/json; charset=utf-8", "application/vnd.api+json"];
  const formTypes = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain;application/json",
    "",
    "json",
  ];
  const ours = [[], [`Origin: http://${host}`], ["Sec-Fetch-Site: same-origin"], ["Sec-Fetch-Site: none"]];
  const foreign = [
    ["Origin: http://evil.example"],
    ["Origin: null"],
    [`Origin: http://${host}.evil.example`],
    ["Sec-Fetch-Site: cross-site"],
    ["Sec-Fetch-Site: same-site"],
  ];

  it("is not heard, whatever it sends", async () => {
    for (const type of [...types, ...formTypes])
      for (const from of foreign)
        for (const token of [[], ["Authorization: Bearer t-1"]])
          expect((await ask(`Content-Type: ${type}`, ...from, ...token)).status, `${type} ${from.join(" ")}`).toBe(403);
    none();
  });

  it("has no form that could send what we take: JSON, or a token in a header", async () => {
    for (const from of ours) {
      for (const type of formTypes) {
        expect((await ask(`Content-Type: ${type}`, ...from)).status, type).toBe(400);
        none();
        expect((await ask(`Content-Type: ${type}`, ...from, "Authorization: Bearer t-1")).status, type).toBe(200);
        gateway.called.splice(0);
      }
      expect((await ask(...from)).status).toBe(400);
      for (const type of types) expect((await ask(`Content-Type: ${type}`, ...from)).status, type).toBe(200);
      gateway.called.splice(0);
    }
  });

  it("gets no leave to read, and no cookie", async () => {
    const asked = await raw(
      url,
      `OPTIONS /list-items HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n`,
    );
    expect(asked.status).toBe(405);
    for (const path of ["/list-items", "/openapi.json", "/metrics", "/docs", "/healthz"]) {
      const { text } = await raw(url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://evil.example\r\n\r\n`);
      expect(text).not.toMatch(/access-control-|set-cookie/iu);
      expect(text).toMatch(/content-security-policy: default-src 'none'/iu);
      expect(text).toMatch(/x-content-type-options: nosniff/iu);
    }
  });
});

describe("G3 a path that only looks like an operation's", () => {
  const tricks = (route: string): string[] => [
    `//${route}`,
    `/${route}/`,
    `/${route.toUpperCase()}`,
    `/${route[0]?.toUpperCase()}${route.slice(1)}`,
    `/${route};x`,
    `/${route}%00`,
    `/${route}%2f`,
    `/%2f${route}`,
    `/${route}%20`,
    `/${route}.json`,
    `/${route}\\`,
    `/\\${route}`,
    `/%5c${route}`,
    `/${route}//`,
    `/${route}/x`,
    `/./${route}/.`,
    `/x/../${route}/x`,
    `/.;/${route}`,
    `/..;/${route}`,
    `/%2e%2e/${route}`,
    `/../${route}`,
    `/x/../${route}`,
    `/v2/../${route}`,
    `/${route}#x`,
    `/%252f${route}`,
    `/%c0%af${route}`,
    `/*/${route}`,
    `/:route`,
    `/api//v2/${route}`,
    `/api/v2//${route}`,
    `/API/v2/${route}`,
    `/api/V2/${route}`,
    `/api/v2/${route}/`,
    `/api/v1/${route}`,
    `/api/${route}`,
    `/v1/${route}`,
    `/v2//${route}`,
    `/v2/v2/${route}`,
    `/api/v2/api/v2/${route}`,
    `/v2%2f${route}`,
    `/api%2fv2/${route}`,
    `/healthz/${route}`,
    `/docs/${route}`,
    `/openapi.json/${route}`,
    `/metrics/../docs/${route}`,
    `/constructor/${route}`,
  ];

  it("reaches nothing, for each operation", { timeout: 300_000 }, async () => {
    for (const { route } of gateway.commands) {
      const replies = await Promise.all(tricks(route).map(async (path) => ({ path, ...(await raw(url, post(host, path, "{}"))) })));
      for (const { path, status } of replies) expect(status, path).toBe(404);
      none();
    }
  });

  it("says what is wrong to a client whose address ends with a slash", async () => {
    const { status, text } = await raw(url, post(host, "//auth", "{}"));
    expect({ status, text }).toEqual({ status: 404, text: expect.stringContaining("should end without one") });
    none();
  });

  it("nor does another method, or a body for a path that there is not", async () => {
    for (const method of ["GET", "PUT", "DELETE", "PATCH", "HEAD", "QUERY", "TRACE"]) {
      const { status } = await raw(url, `${method} /usc-get HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect([405, 400], method).toContain(status);
    }
    // The whole of it never comes: it is not waited for.
    const { status } = await raw(url, `POST /none HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n\r\n{`);
    expect(status).toBe(501);
    none();
  });

  it.each(["/gateway-create-producer", "/v2/dynamic-secret-create-aws", "/api/v2/uid-rotate-token"])(
    "nor does an operation of Akeyless that there is not: %s is unsupported, and not gone",
    async (path) => {
      const { status, text } = await raw(url, post(host, path, "{}"));
      expect({ status, text }).toEqual({ status: 501, text: expect.stringContaining('"unsupported"') });
      none();
    },
  );
});

describe("G10 an answer to a body that is none", () => {
  const canary = "canary-body-7a1f";
  it.each([
    ["no JSON", `{"value":"${canary}`],
    ["text", canary],
    ["a string", `"${canary}"`],
    ["a list", `["${canary}"]`],
    ["two objects", `{"a":"${canary}"}{}`],
    ["a number of its own", `{"${canary}":01}`],
    ["deep", `${`{"${canary}":`.repeat(70)}1${"}".repeat(70)}`],
    ["wide", JSON.stringify(Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`${canary}${at}`, 1])))],
  ])("quotes nothing of it: %s", async (_, body) => {
    gateway.lines.length = 0;
    const { status, text } = await raw(url, post(host, "/usc-get", body));
    expect(status).toBe(400);
    expect(text + gateway.lines.join("")).not.toContain("canary");
    none();
  });

  it("quotes no bytes that are no text", async () => {
    const body = Buffer.from([0x7b, 0xff, 0xfe, ...Buffer.from(canary)]);
    const { status, text } = await raw(url, post(host, "/usc-get", "x".repeat(body.length)).slice(0, -body.length), body);
    expect(status).toBe(400);
    expect(text).toContain("The body is not UTF-8.");
    expect(text).not.toContain("canary");
  });
});

describe("G11 what comes in and is told", () => {
  it("is one line of JSON each, with no character that a terminal obeys", async () => {
    gateway.lines.length = 0;
    const hostile = "a%0d%0aevil: 1%1b[31m\u00c2\u009b31m\u00e2\u0080\u00ae";
    const latin = (text: string): Buffer => Buffer.from(text, "latin1");
    await raw(
      url,
      latin(
        `GET /a%0d%0aevil:%201%1b[31m HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${hostile}\r\nX-Forwarded-For: ${hostile}\r\nX-Request-Id: ${hostile}\r\n\r\n`,
      ),
    );
    await raw(
      url,
      post(host, "/usc-get", JSON.stringify({ "a\r\nb\u009b\u202e": 1, "usc-name": "\u001b[2J" }), [`X-Forwarded-For: 10.0.0.1\t, x`]),
    );
    await until("both are told", () => gateway.lines.length === 2);
    for (const line of gateway.lines) {
      expect(line).toMatch(/^\{[\u0020-\u007e]*\}\n$/u);
      expect(line.length).toBeLessThan(400);
      expect(JSON.parse(line)).toMatchObject({ address: "127.0.0.1", route: expect.stringMatching(/^(other|usc-get)$/u) });
    }
    gateway.called.splice(0);
  });

  it("is where the connection comes from, whatever a caller says, unless a proxy is trusted", async () => {
    const alone = await served({ sourceOf: sources([]) });
    await raw(
      alone.url,
      post(alone.host, "/usc-get", "{}", ["X-Forwarded-For: 203.0.113.7", "Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7"]),
    );
    await until("it is told", () => alone.lines.length === 1);
    expect(JSON.parse(alone.lines[0] ?? "")).toMatchObject({ address: "127.0.0.1" });
  });

  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8:0001:2::", "2001:db8:1:2::/64"],
    ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
    ["unknown", "unknown"],
  ])("from %s counts as %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it("goes into no header of the answer", async () => {
    const { text } = await raw(url, `GET /%0d%0aset-cookie:%20a=b HTTP/1.1\r\nHost: ${host}\r\nX-Request-Id: mine\r\n\r\n`);
    expect(text).not.toMatch(/^set-cookie/imu);
    expect(text).not.toContain("mine");
  });
});

describe("a failure here", () => {
  it("does not tell a caller where this machine keeps things", async () => {
    const full = new UscError("unavailable", "The disk is full: /home/ops/.usc/usc.db could not be written.", {
      hint: "Make room under /home/ops/.usc.",
    });
    const failing = await served({
      call: () => Promise.reject(full),
      outside: (sentence) => sentence.replaceAll("/home/ops/.usc", "USC_HOME"),
    });
    const { text } = await raw(failing.url, post(failing.host, "/usc-get", "{}"));
    expect(text).toContain("The disk is full: USC_HOME/usc.db could not be written.");
    expect(text).not.toContain("/home/ops");
  });
});

describe("G9 a flood", () => {
  const healthy = async (of = url): Promise<void> =>
    expect((await raw(of, `GET /healthz HTTP/1.1\r\nHost: ${new URL(of).host}\r\n\r\n`)).status).toBe(200);

  it.each([
    ["nested too deep", "[".repeat(1_000_000)],
    ["nested too deep in an object", `{"a":`.repeat(300_000)],
    ["a million members", `{${Array.from({ length: 180_000 }, (_, at) => `"${at}":0`).join(",")}}`],
    ["a list of a million", `{"a":[${"0,".repeat(1_000_000)}0]}`],
    ["brackets in strings are none", `{"${"[{".repeat(500_000)}":1`],
    ["too large", `{"a":"${"x".repeat(2_200_000)}"}`],
  ])("%s is refused", async (_, body) => {
    expect((await raw(url, post(host, "/usc-get", body))).status).toBe(400);
    await healthy();
    none();
  });

  it("a body without a length is read to its limit, and no further", async () => {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    let sent = 0;
    let heard = "";
    socket.on("data", (part: Buffer) => (heard += part.toString()));
    socket.write(`POST /usc-get HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const pump = (): void => {
      while (!socket.destroyed && sent < 200_000_000) {
        sent += chunk.length;
        if (socket.write(chunk)) continue;
        socket.once("drain", pump);
        return;
      }
    };
    pump();
    await closed(socket);
    expect(heard).toMatch(/^HTTP\/1\.1 400 /u);
    // What lies in the system's buffers was sent, not read.
    expect(sent).toBeLessThan(20_000_000);
    await healthy();
    none();
  });

  it("a body of exactly the limit is read", async () => {
    const body = `{"usc-name":"${"x".repeat(2 * 1024 * 1024 - 15)}"}`;
    expect(Buffer.byteLength(body)).toBe(2 * 1024 * 1024);
    expect((await raw(url, post(host, "/usc-get", body))).status).toBe(200);
    expect(gateway.called.splice(0)).toHaveLength(1);
  });

  it("headers, a body and a next request that do not come are not waited for", async () => {
    const limits = { headersTimeout: 100, requestTimeout: 200, keepAliveTimeout: 100, connectionsCheckingInterval: 20 };
    const hasty = await served({ limits });
    const at = new URL(hasty.url);
    const open = (text: string): Socket =>
      connect(Number(at.port), at.hostname).once("connect", function (this: Socket) {
        this.write(text);
      });
    const slowHeaders = open(`POST /usc-get HTTP/1.1\r\nHost: ${at.host}\r\nX-A: `);
    const slowBody = open(post(at.host, "/usc-get", "{}").slice(0, -1));
    const idle = open(`GET /healthz HTTP/1.1\r\nHost: ${at.host}\r\n\r\n`);
    const silent = open("");
    const heard = new Promise<string>((resolve) => slowHeaders.once("data", (part: Buffer) => resolve(part.toString())));
    await Promise.all([slowHeaders, slowBody, idle, silent].map(closed));
    expect(await heard).toMatch(/^HTTP\/1\.1 408 [^]*"The request did not arrive in time\."/u);
    await healthy(hasty.url);
    expect(hasty.called).toEqual([]);
  });

  it("sockets beyond the limit are closed, those within go on, and a place that is free again is taken", async () => {
    const small = await served({ limits: { sockets: 5 } });
    const at = new URL(small.url);
    const held = await Promise.all(Array.from({ length: 5 }, () => connected(Number(at.port))));
    const over = await connected(Number(at.port));
    await closed(over);
    const [first] = held;
    const answer = new Promise((resolve) => first?.once("data", (part: Buffer) => resolve(part.toString().slice(0, 15))));
    first?.write(`GET /healthz HTTP/1.1\r\nHost: ${at.host}\r\n\r\n`);
    expect(await answer).toBe("HTTP/1.1 200 OK");
    held[1]?.destroy();
    await until("a place is free", async () => (await raw(small.url, `GET /healthz HTTP/1.1\r\nHost: ${at.host}\r\n\r\n`)).status === 200);
    for (const socket of held) socket.destroy();
  });

  it.each([
    ["headers of more than 16 KiB", 431, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nX-A: ${"x".repeat(20_000)}\r\n\r\n`],
    ["no HTTP at all", 400, "hello\r\n\r\n"],
    ["a header of an illegal form", 400, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n: x\r\n\r\n`],
    ["two lengths", 400, post(host, "/usc-get", "{}", ["Content-Length: 3"])],
    ["a length and chunks", 400, post(host, "/usc-get", "{}", ["Transfer-Encoding: chunked"])],
  ])("%s is refused in our own words (%i)", async (_, status, sent) => {
    const came = await raw(url, sent);
    expect({ ...came, code: (JSON.parse(came.text.split("\r\n\r\n")[1] ?? "") as { code: string }).code }).toMatchObject({
      status,
      code: "usage",
    });
    expect(came.text).toMatch(/^x-content-type-options: nosniff\r$/mu);
    await healthy();
    none();
  });
});

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.resume().on("error", () => {});
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });

const connected = (to: number): Promise<Socket> =>
  new Promise((resolve) => {
    const socket: Socket = connect(to, "127.0.0.1", () => resolve(socket));
  });
