import { inspect } from "node:util";
import { createEmptyPipeline, createPipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { describe, expect, it } from "vitest";
import { overTransport } from "../../../src/adapters/azure/http-client.ts";
import { refused } from "../../support/house.ts";

const origin = "https://service.example";
const canary = "VALUE-canary-1";

function wire(reply = { status: 200, headers: {}, body: "{}" }) {
  const sent: object[] = [];
  const way = { client: "Example", origin, send: async (built: object) => (sent.push(built), reply) };
  /** A client that asks for each of these in turn, and reads the last answer's status. */
  const ask = (...asked: Parameters<typeof createPipelineRequest>[0][]) =>
    overTransport(way, async (httpClient) => {
      const seen: number[] = [];
      for (const one of asked) seen.push((await createEmptyPipeline().sendRequest(httpClient, createPipelineRequest(one))).status);
      return seen;
    });
  return { sent, way, ask };
}

const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a client of the SDK", () => {
  it("has its method, path and body sent, and nothing else of what it built", async () => {
    const { sent, ask } = wire();
    await ask({ method: "POST", url: `${origin}/a?b=c'd`, body: "{}" });
    await ask({ method: "GET", url: `${origin}/a` });
    expect(sent).toEqual([
      { method: "POST", path: "/a?b=c'd", body: "{}" },
      { method: "GET", path: "/a" },
    ]);
  });

  it("has a path sent as it stands: a user may be called `..`", async () => {
    const { sent, ask } = wire();
    await ask({ url: `${origin}/v1.0/users/..` });
    expect(sent).toMatchObject([{ path: "/v1.0/users/.." }]);
  });

  it("may write the host in another way", async () => {
    const { sent, ask } = wire();
    await ask({ url: "https://SERVICE.example:443/a" });
    expect(sent).toMatchObject([{ path: "/a" }]);
  });

  it.each([
    "https://other.example/a",
    "https://service.example:444/a",
    "http://service.example/a",
    "https://service.example@other.example/a",
  ])("that goes on at %s sends nothing there", async (url) => {
    const { sent, ask } = wire();
    expect(await thrownBy(ask({ url }))).toEqual(refused("internal"));
    expect(sent).toEqual([]);
  });

  it("sends one request: a second one finds nothing, and the first one's answer counts", async () => {
    const { sent, ask } = wire();
    const { reply, read } = await ask({ url: `${origin}/a` }, { url: `${origin}/b` });
    expect([sent.length, reply.status, read]).toEqual([1, 200, [200, 404]]);
  });

  it("that fails when it has the answer leaves the answer, and nothing of its error", async () => {
    const { way } = wire({ status: 200, headers: {}, body: canary });
    const { reply, read } = await overTransport(way, async (httpClient) => {
      const response = await httpClient.sendRequest(createPipelineRequest({ url: `${origin}/a` }));
      throw new RestError(`${response.bodyAsText} is no JSON`, { response });
    });
    expect([reply.body, read]).toEqual([canary, undefined]);
  });

  it("that fails before it sends is a bug of ours, and its error ends here", async () => {
    const { way } = wire();
    const error = await thrownBy(overTransport(way, () => Promise.reject(new RestError(canary))));
    expect(error).toEqual(refused("internal"));
    expect(error).toHaveProperty("message", "The Example client failed before it sent a request.");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(canary);
  });
});
