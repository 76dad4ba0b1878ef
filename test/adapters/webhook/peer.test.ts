import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { peerOf, type Resolve } from "../../../src/adapters/webhook/peer.ts";
import type { Place } from "../../../src/features/events/port.ts";
import { opensslFolder, p256 } from "../../emulator/openssl.ts";
import { type Manner, receiver } from "../../support/receiver.ts";

const openssl = opensslFolder();
const there = await receiver();
afterAll(() => there.stop());
const message = { headers: { "webhook-id": "evt_1" }, body: "{}" };

function peer(more: Partial<Place> = {}, resolve?: Resolve) {
  const made = peerOf({ url: there.url(), reach: "private", ...more }, resolve ?? ((_, answer) => answer(null, ["127.0.0.1"])));
  onTestFinished(() => made.close());
  return made;
}
const posted = (how: readonly Manner[], withinMs = 5000) => {
  there.will("/hook", ...how);
  return peer().post(message, withinMs);
};

describe("a post", () => {
  it.each([
    [204, { status: 204 }],
    [500, { status: 500 }],
    [{ status: 302, headers: { location: there.url("/elsewhere") } }, { status: 302 }],
    [
      { status: 429, headers: { "retry-after": "7" } },
      { status: 429, retryAfterMs: 7000 },
    ],
    [{ status: 503, headers: { "retry-after": "Fri, 31 Dec 2027 23:59:59 GMT" } }, { status: 503 }],
    ["close", { failure: "connection lost" }],
    ["garbage", { failure: "not HTTP" }],
    ["header-bomb", { failure: "not HTTP" }],
    ["bomb", { status: 200 }],
  ] as const)("to a receiver that does %j ends as %j", async (how, came) => {
    there.heard.length = 0;
    // None of them uses up its time.
    expect(await posted([how], 600_000)).toEqual(came);
    expect(there.heard.map(({ path }) => path)).toEqual(["/hook"]);
  });

  it("ends when its time is over, before an answer and within one", async () => {
    expect(await posted(["hold"], 50)).toEqual({ failure: "timeout" });
    there.release();
    // The status has come: what is behind it is nobody's business.
    expect(await posted(["trickle"], 50)).toEqual({ status: 200 });
  });

  it("to a port where nobody listens is refused", async () => {
    const gone = await receiver();
    await gone.stop();
    expect(await peer({ url: gone.url() }).post(message, 5000)).toEqual({ failure: "connection refused" });
  });

  it("keeps its connection for the next one, and makes a new one where the receiver has closed it", async () => {
    const before = there.seen.connections;
    there.will("/hook", 204);
    const kept = peer();
    for (let count = 0; count < 3; count += 1) expect(await kept.post(message, 5000)).toEqual({ status: 204 });
    expect(there.seen.connections - before).toBe(1);
    there.will("/hook", "close", 204);
    expect(await kept.post(message, 5000)).toEqual({ status: 204 });
    expect(there.seen.connections - before).toBe(2);
  });

  it("looks at the addresses for each connection: a name that leads inside the next time leads nowhere", async () => {
    const answers = [["127.0.0.1"], ["10.0.0.1"]];
    const rebinding: Resolve = (_, answer) => answer(null, answers.shift() ?? []);
    const moved = peer({ url: `http://localhost:${there.port}/hook` }, rebinding);
    there.will("/hook", { status: 204, headers: { connection: "close" } });
    expect(await moved.post(message, 5000)).toEqual({ status: 204 });
    expect(await moved.post(message, 5000)).toEqual({ failure: "address not allowed" });
  });

  it("does not know a name that there is not", async () => {
    const unknown: Resolve = (_, answer) => answer(Object.assign(new Error(), { code: "ENOTFOUND" }), []);
    expect(await peer({ url: "https://none.example/" }, unknown).post(message, 5000)).toEqual({ failure: "name not found" });
  });

  it("goes through no proxy, whatever the environment says", async () => {
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "NODE_USE_ENV_PROXY"]) {
      const before = process.env[name];
      process.env[name] = name.startsWith("NODE") ? "1" : "http://127.0.0.1:9";
      onTestFinished(() => {
        if (before === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before;
      });
    }
    expect(await posted([204])).toEqual({ status: 204 });
  });
});

describe("a post over TLS", () => {
  const server = openssl.pair("server", "/CN=localhost", ...p256, "-addext", "subjectAltName=IP:127.0.0.1,DNS:hooks.example.com");
  const client = openssl.pair("client", "/CN=usc", ...p256);
  const secure = async (more: object = {}) => {
    const made = await receiver({ key: server.key, cert: server.certificate, ...more });
    onTestFinished(() => made.stop());
    return made;
  };

  it("is made to a receiver whose CA was given, and to no other, whatever NODE_TLS_REJECT_UNAUTHORIZED says", async () => {
    const made = await secure();
    expect(await peer({ url: made.url(), trust: server.certificate }).post(message, 5000)).toEqual({ status: 204 });
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    onTestFinished(() => void Reflect.deleteProperty(process.env, "NODE_TLS_REJECT_UNAUTHORIZED"));
    expect(await peer({ url: made.url() }).post(message, 5000)).toEqual({ failure: "certificate not trusted" });
    expect(await peer({ url: `https://other.example.com:${made.port}/`, trust: server.certificate }).post(message, 5000)).toEqual({
      failure: "certificate not trusted",
    });
    expect(made.heard).toHaveLength(1);
  });

  it("keeps to the name of the URL, though it goes to the address that was looked at", async () => {
    const made = await secure();
    const named = peer({ url: `https://hooks.example.com:${made.port}/hook`, trust: server.certificate });
    expect(await named.post(message, 5000)).toEqual({ status: 204 });
    expect(made.heard[0]?.headers.host).toBe(`hooks.example.com:${made.port}`);
  });

  it("shows the client certificate to a receiver that asks for one", async () => {
    const made = await secure({ requestCert: true, rejectUnauthorized: true, ca: client.certificate });
    const place = { url: made.url(), trust: server.certificate };
    const known = { ...place, client: { certificate: client.certificate, key: client.key } };
    expect(await peer(known).post(message, 5000)).toEqual({ status: 204 });
    expect(await peer(place).post(message, 5000)).toMatchObject({ failure: expect.stringMatching(/^(TLS failed|connection lost)$/u) });
    expect(made.heard).toHaveLength(1);
  });

  it("fails where no TLS is spoken", async () => {
    expect(await peer({ url: `https://127.0.0.1:${there.port}/` }).post(message, 5000)).toEqual({ failure: "TLS failed" });
  });
});
