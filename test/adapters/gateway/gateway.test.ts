import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { placeOf } from "../../../src/adapters/gateway/address.ts";
import { gatewayAt } from "../../../src/adapters/gateway/index.ts";
import type { GatewayRequest } from "../../../src/features/profiles/port.ts";
import { packed, unpacked } from "../../../src/kernel/beside.ts";
import { systemClock } from "../../../src/kernel/clock.ts";
import { inItsPlace, json } from "../../support/gateway-relay.ts";

const server = await inItsPlace(({ path }, response) => {
  if (path === "/drops") return void response.destroy();
  if (path === "/cuts") return void response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy());
  if (path === "/html") return void response.writeHead(200, { "content-type": "text/html" }).end("<html>canary</html>");
  if (path === "/bad-gateway") return void response.writeHead(502, { "content-type": "text/html" }).end("<html>canary</html>");
  if (path === "/redirects") return void response.writeHead(307, { location: "http://127.0.0.1:9/" }).end();
  if (path === "/no-json") return void response.writeHead(200, { "content-type": "application/json" }).end("canary");
  if (path === "/akeyless") return json(response, 401, { error: "canary" });
  if (path === "/bomb") return void response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end("x");
  if (path === "/finding") return json(response, 200, { error: "One expires.", code: "changes", rows: [1] });
  if (path === "/error-member") return json(response, 200, { error: "a member of the answer", code: "not_found" });
  if (path === "/partial") return json(response, 207, { error: "One failed.", code: "partial", failed: ["a"] });
  if (path === "/later") return json(response, 503, { error: "Later.", code: "unavailable", hint: "h", request_id: "r", retry_after: 7 });
  if (path === "/large") return json(response, 200, { text: "x".repeat(2 * 1024 * 1024) });
  // Everything else hangs.
});
afterAll(() => server.stop());

const options = (url: string, signal = new AbortController().signal) => ({
  place: placeOf(url, false),
  environment: { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" },
  clock: systemClock,
  steps: { confirm: async () => {}, warn: () => {} },
  isAsked: () => false,
  signal,
});
const request = (route: string, more: Partial<GatewayRequest> = {}): GatewayRequest => ({
  route,
  body: {},
  effect: "read",
  withinMs: 5000,
  ...more,
});
const post = (route: string, more: Partial<GatewayRequest> = {}) => gatewayAt(options(server.url)).post(request(route, more));
const host = server.url.slice("http://".length);

describe("what a gateway says of a failure is the failure", () => {
  it.each([
    ["later", { code: "unavailable", message: "Later.", details: { hint: "h", requestId: "r", retryAfter: 7 } }],
    ["partial", { code: "partial", message: "One failed.", details: { answer: { failed: ["a"] } } }],
    ["finding", { code: "changes", message: "One expires.", details: { answer: { rows: [1] } } }],
  ])("%s, asked once", async (route, failure) => {
    server.asked.length = 0;
    await expect(post(route)).rejects.toMatchObject(failure);
    expect(server.asked).toHaveLength(1);
  });

  it("but an answer is no failure for having a member of that name", async () => {
    expect(await post("error-member")).toEqual({ error: "a member of the answer", code: "not_found" });
  });

  it("an answer of 2 MiB comes whole", async () => {
    expect(await post("large")).toEqual({ text: "x".repeat(2 * 1024 * 1024) });
  });
});

describe("what is no gateway's answer is one sentence, and never quoted", () => {
  it.each([
    ["html", "usage", "no usc gateway (HTTP 200)"],
    ["no-json", "usage", "no usc gateway (HTTP 200)"],
    ["akeyless", "usage", "no usc gateway (HTTP 401)"],
    ["bad-gateway", "unavailable", "no usc gateway (HTTP 502)"],
    ["redirects", "usage", "leads elsewhere (HTTP 307)"],
    ["drops", "unavailable", `The connection to ${host} was closed before the answer was whole.`],
    ["cuts", "unavailable", `The connection to ${host} was closed before the answer was whole.`],
    ["bomb", "unavailable", "compressed answer that was not asked for"],
  ])("%s", async (route, code, sentence) => {
    const error: unknown = await post(route).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(sentence) });
    expect(JSON.stringify([error, (error as Error).stack])).not.toContain("canary");
  });

  it("a gateway that hangs is given up, and of a write it is unknown", async () => {
    await expect(post("hangs", { withinMs: 50 })).rejects.toMatchObject({
      code: "unavailable",
      message: `${host} did not answer in time.`,
    });
    await expect(post("hangs", { withinMs: 50, effect: "write" })).rejects.toMatchObject({
      message: `${host} did not answer in time. It is unknown whether hangs took effect.`,
      details: { hint: expect.stringContaining(server.url) },
    });
  });

  it("nobody there is no lost write, and says where it looked", async () => {
    const free = createServer();
    await new Promise<void>((resolve) => void free.listen(0, "127.0.0.1", resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => void free.close(resolve));
    await expect(gatewayAt(options(`http://127.0.0.1:${port}`)).post(request("x", { effect: "write" }))).rejects.toMatchObject({
      code: "unavailable",
      message: `127.0.0.1:${port} refused the connection.`,
      details: { hint: expect.stringContaining(`http://127.0.0.1:${port}`) },
    });
  });

  it("whoever stops hears at once that a write goes on there", { timeout: 5000 }, async () => {
    const stop = new AbortController();
    const stopped = gatewayAt(options(server.url, stop.signal)).post(request("hangs", { effect: "write", withinMs: 600_000 }));
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: "interrupted", message: expect.stringContaining("goes on with hangs") });
  });
});

describe("a proxy that takes a connection and says nothing", () => {
  const through = async (signal?: AbortSignal) => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => void silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    afterAll(() => void silent.close());
    return gatewayAt({ ...options("https://gateway.example", signal), environment: { HTTPS_PROXY: `http://127.0.0.1:${port}` } });
  };

  it("is given up in time", async () => {
    await expect((await through()).post(request("x", { withinMs: 50 }))).rejects.toMatchObject({
      message: expect.stringContaining("came about in time, through the proxy 127.0.0.1:"),
    });
  });

  it("holds nobody who stops", async () => {
    const stop = new AbortController();
    const stopped = (await through(stop.signal)).post(request("x", { withinMs: 600_000 }));
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("texts beside an answer", () => {
  it.each([[["a", "b — zażółć 🗝"]], [[]]])("travel in a header as they are: %j", (texts) => {
    expect(packed(texts)).toMatch(/^[\w-]*$/u);
    expect(unpacked(packed(texts))).toEqual(texts);
  });

  it("are cut where they would not fit", () => {
    const sentences = unpacked(packed(["first", "🗝".repeat(5000), "last"]));
    expect(sentences[0]).toBe("first");
    expect(sentences.at(-1)).toMatch(/…$/u);
    expect(packed(["x".repeat(100_000)]).length).toBeLessThan(8192);
  });

  it.each([undefined, "", "canary", "bnVsbA"])("are none where the header holds something else: %j", (header) => {
    expect(unpacked(header)).toEqual([]);
  });
});
