import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { expect, test } from "vitest";
import { fitsPattern } from "../../src/emulator/faults.ts";
import { handClock, openLab } from "./support.ts";

const clock = handClock();
const lab = await openLab({ clock });

async function plant(fault: object): Promise<string> {
  const reply = await lab.control("POST", "/faults", fault);
  expect(reply.status).toBe(200);
  return reply.json.id;
}

async function stateOf(id: string): Promise<{ seen: number; hits: number; held: number }> {
  return (await lab.control("GET", "/faults")).json.faults.find((fault: { id: string }) => fault.id === id);
}

async function untilHeld(id: string): Promise<void> {
  while ((await stateOf(id)).held === 0);
}

async function statusOf(name: string): Promise<number> {
  return (await lab.vault("GET", `/secrets/${name}`)).status;
}

/** What arrives of an answer, byte for byte, and how it ends. */
async function receive(path: string, agent: Agent | false = lab.agent): Promise<{ headers: object; bytes: Buffer; end: string }> {
  const headers = { authorization: `Bearer ${await lab.token()}` };
  const outgoing = request(`${lab.ready.vaults[0]?.direct_url}${path}?api-version=7.4`, { agent, headers, ca: lab.ca });
  outgoing.end();
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  const end = await once(incoming, "end").then(
    () => "whole",
    (error: NodeJS.ErrnoException) => error.code ?? "",
  );
  return { headers: incoming.headers, bytes: Buffer.concat(chunks), end };
}

test("a fault answers instead of the vault as often as it was told, and counts its hits", async () => {
  const fault = { method: "GET", path: "/secrets/faulty*", times: 2, status: 503, body: { error: { code: "X" } }, retry_after: 7 };
  const id = await plant(fault);
  await lab.vault("PUT", "/secrets/faulty", { value: "v" });
  for (let turn = 0; turn < 2; turn += 1) {
    const reply = await lab.vault("GET", "/secrets/faulty/");
    expect([reply.status, reply.json, reply.headers["retry-after"]]).toEqual([503, { error: { code: "X" } }, "7"]);
    expect(reply.headers["x-ms-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
  }
  expect((await lab.vault("GET", "/secrets/faulty/")).status).toBe(200);
  expect((await lab.control("GET", "/faults")).json.faults).toEqual([{ id, ...fault, seen: 2, hits: 2, held: 0 }]);
  expect((await lab.control("DELETE", "/faults")).status).toBe(204);
  expect((await lab.control("GET", "/faults")).json.faults).toEqual([]);
});

test("a fault can let the first requests pass", async () => {
  await plant({ method: "PUT", path: "/secrets/third", skip: 2, status: 500 });
  const statuses = [];
  for (const value of ["1", "2", "3", "4"]) statuses.push((await lab.vault("PUT", "/secrets/third", { value })).status);
  expect(statuses).toEqual([200, 200, 500, 200]);
});

test("a fault that names a status has no effect, unless it says so", async () => {
  await plant({ method: "PUT", path: "/secrets/unmade", status: 500 });
  await plant({ method: "PUT", path: "/secrets/made", status: 500, takes_effect: true });
  for (const name of ["unmade", "made"]) expect((await lab.vault("PUT", `/secrets/${name}`, { value: "v" })).status).toBe(500);
  expect([await statusOf("unmade"), await statusOf("made")]).toEqual([404, 200]);
});

test.each([
  [403, "Forbidden"],
  [409, "Conflict"],
  [429, "Throttled"],
  [500, "ServerError"],
  [502, "ServerError"],
  [503, "ServiceUnavailable"],
])("a bare %i carries Azure's code %s, and a request id", async (status, code) => {
  await plant({ path: "/secrets/bare", status });
  const reply = await lab.vault("GET", "/secrets/bare");
  expect([reply.status, reply.json.error.code, typeof reply.headers["x-ms-request-id"]]).toEqual([status, code, "string"]);
  expect(reply.headers["retry-after"]).toBeUndefined();
});

test("headers are replaced or added, a Retry-After may be a date, and the true answer goes on below", async () => {
  const date = "Wed, 21 Oct 2026 07:28:00 GMT";
  await lab.vault("PUT", "/secrets/headers", { value: "v" });
  await plant({ path: "/secrets/headers", headers: { "Retry-After": date, "x-ms-request-id": "mine", location: "https://evil.example/" } });
  const reply = await lab.vault("GET", "/secrets/headers");
  expect(reply).toMatchObject({
    status: 200,
    headers: { "retry-after": date, "x-ms-request-id": "mine", location: "https://evil.example/" },
  });
  expect(reply.json.value).toBe("v");
  await plant({ path: "/secrets/headers", status: 401, headers: { "www-authenticate": 'Bearer authorization="https://evil.example/t"' } });
  expect((await lab.vault("GET", "/secrets/headers")).headers["www-authenticate"]).toContain("evil.example");
});

test("garbage goes out byte for byte under any content type", async () => {
  await lab.vault("PUT", "/secrets/garbage", { value: "v" });
  const bytes = Buffer.from([0, 255, 254, 123, 10]);
  await plant({ path: "/secrets/garbage", body_base64: bytes.toString("base64"), headers: { "content-type": "application/json" } });
  const binary = await receive("/secrets/garbage");
  expect(binary).toMatchObject({ bytes, end: "whole", headers: { "content-type": "application/json", "content-length": "5" } });
  await plant({ path: "/secrets/garbage", status: 200, body: "<html>", headers: { "content-type": "text/html" } });
  const text = await lab.vault("GET", "/secrets/garbage");
  expect([text.status, text.text, text.headers["content-type"]]).toEqual([200, "<html>", "text/html"]);
  await plant({ path: "/secrets/garbage", body: "" });
  expect(await receive("/secrets/garbage")).toMatchObject({ bytes: Buffer.alloc(0), end: "whole" });
});

test("a cut body announces all of itself, sends so many bytes, and the connection ends", async () => {
  await lab.vault("PUT", "/secrets/cut", { value: "v".repeat(1_000) });
  const whole = await receive("/secrets/cut");
  for (const cut of [0, 10, whole.bytes.length - 1]) {
    await plant({ path: "/secrets/cut", cut });
    const part = await receive("/secrets/cut");
    expect(part).toMatchObject({ headers: { "content-length": String(whole.bytes.length) }, end: "ECONNRESET" });
    expect(part.bytes.equals(whole.bytes.subarray(0, cut))).toBe(true);
  }
  await plant({ path: "/secrets/cut", cut: 100_000 });
  expect(await receive("/secrets/cut")).toMatchObject({ bytes: whole.bytes, end: "ECONNRESET" });
});

test("a slow body trickles: some bytes, a pause, some bytes; it may be cut as well", async () => {
  await lab.vault("PUT", "/secrets/slow", { value: "v" });
  const whole = await receive("/secrets/slow");
  const started = clock.now();
  await plant({ path: "/secrets/slow", slow: { bytes: 10, every_ms: 1_000 } });
  expect(await receive("/secrets/slow")).toMatchObject({ bytes: whole.bytes, end: "whole" });
  expect(clock.now() - started).toBe(Math.ceil(whole.bytes.length / 10) * 1_000);
  await plant({ path: "/secrets/slow", slow: {}, cut: 7 });
  expect(await receive("/secrets/slow")).toMatchObject({ bytes: whole.bytes.subarray(0, 7), end: "ECONNRESET" });
});

test("a client that leaves a slow body in the middle harms nobody", async () => {
  const own = await openLab();
  await own.vault("PUT", "/secrets/slow", { value: "v".repeat(20_000) });
  await own.control("POST", "/faults", { path: "/secrets/slow", slow: { bytes: 1, every_ms: 1 } });
  const headers = { authorization: `Bearer ${await own.token()}` };
  const outgoing = request(`${own.ready.vaults[0]?.direct_url}/secrets/slow?api-version=7.4`, { agent: false, ca: own.ca, headers });
  outgoing.end();
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  incoming.on("error", () => {});
  await once(incoming, "data");
  incoming.destroy();
  expect((await own.vault("GET", "/secrets/slow")).json.value).toHaveLength(20_000);
});

test.each(["drop", "reset"])("%s ends the connection before or after the effect", async (kind) => {
  for (const [moment, status] of [
    ["before", 404],
    ["after", 200],
  ] as const) {
    const name = `${kind}-${moment}`;
    await plant({ method: "PUT", path: `/secrets/${name}`, [kind]: moment });
    // Node says "socket hang up" of an orderly end, and names the failed read of a reset.
    await expect(lab.vault("PUT", `/secrets/${name}`, { value: "v" })).rejects.toMatchObject({
      code: "ECONNRESET",
      message: kind === "reset" ? "read ECONNRESET" : "socket hang up",
    });
    expect(await statusOf(name)).toBe(status);
  }
});

test("a held request waits before or after its effect until it is released", async () => {
  for (const [hold, meanwhile] of [
    ["before", 404],
    ["after", 200],
  ] as const) {
    const id = await plant({ method: "PUT", path: `/secrets/held-${hold}`, hold });
    const waiting = lab.vault("PUT", `/secrets/held-${hold}`, { value: "v" });
    await untilHeld(id);
    expect(await statusOf(`held-${hold}`)).toBe(meanwhile);
    expect((await lab.control("POST", `/faults/${id}/release`)).status).toBe(204);
    expect((await waiting).status).toBe(200);
  }
});

test("a client that leaves while it is held leaves no effect before, and the effect after", async () => {
  for (const [hold, status] of [
    ["before", 404],
    ["after", 200],
  ] as const) {
    const id = await plant({ method: "PUT", path: `/secrets/left-${hold}`, hold });
    const agent = new Agent({ ca: lab.ca });
    const url = `${lab.ready.vaults[0]?.direct_url}/secrets/left-${hold}?api-version=7.4`;
    const outgoing = request(url, { method: "PUT", agent, headers: { authorization: `Bearer ${await lab.token()}` } });
    outgoing.on("error", () => {});
    outgoing.end('{"value":"v"}');
    await untilHeld(id);
    outgoing.destroy();
    while ((await stateOf(id)).held > 0);
    await lab.control("POST", `/faults/${id}/release`);
    expect(await statusOf(`left-${hold}`)).toBe(status);
  }
});

test("E5 a thousand faults are kept and one more is refused; patterns cost no more than they must", async () => {
  const own = await openLab();
  for (let index = 0; index < 1_000; index += 1) {
    await own.control("POST", "/faults", { path: `/${"*a".repeat(50)}*${index}`, times: 1, status: 500 });
  }
  expect((await own.control("POST", "/faults", { path: "/x", times: 1 })).status).toBe(400);
  const started = performance.now();
  expect((await own.vault("GET", `/secrets/${"a".repeat(100)}b`)).status).toBe(404);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test("a pattern means its stars and nothing else", () => {
  for (const [pattern, text, fits] of [
    ["/secrets/a", "/secrets/a", true],
    ["/secrets/a", "/secrets/ab", false],
    ["*", "", true],
    ["/secrets/*", "/secrets/a/b", true],
    ["*/token", "/t/oauth2/v2.0/token", true],
    ["/a*a", "/a", false],
    ["/a*b*c", "/a-c-b", false],
    ["/a.c", "/abc", false],
  ] as const) {
    expect([pattern, text, fitsPattern(pattern, text)]).toEqual([pattern, text, fits]);
  }
});

test.each([
  { path: "/x", times: 1, colour: "red" },
  { path: 1 },
  { path: "/x", times: -1 },
  { path: "/x", skip: 1.5 },
  { path: "/x", delay_ms: 600_001 },
  { path: "/x", status: 99 },
  { path: "/x", status: 199 },
  { path: "/x", status: 600 },
  { path: "/x", drop: "never" },
  { path: "/x", drop: true },
  { path: "/x", reset: "during" },
  { path: "/x", hold: "yes" },
  { path: "/x", body: 1 },
  { path: "/x", body: "a", body_base64: "YQ==" },
  { path: "/x", headers: "a: b" },
  { path: "/x", headers: { "a b": "c" } },
  { path: "/x", headers: { a: "b\r\nc: d" } },
  { path: "/x", headers: { a: 1 } },
  { path: "/x", cut: -1 },
  { path: "/x", slow: 1 },
  { path: "/x", slow: { bytes: 0 } },
  { path: "/x", slow: { every_ms: 600_001 } },
  { path: "/x", slow: { seconds: 1 } },
])("E5 the fault %j is refused and says why", async (fault) => {
  const reply = await lab.control("POST", "/faults", fault);
  expect([reply.status, typeof reply.json.error]).toEqual([400, "string"]);
});

test("a fault that is not there cannot be released", async () => {
  expect((await lab.control("POST", "/faults/none/release")).status).toBe(400);
});
