import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, expect, it } from "vitest";
import { transport } from "../../../src/adapters/azure/transport.ts";
import { ways } from "../../../src/adapters/azure/ways.ts";
import { azureLab } from "./azure-lab.ts";

const { clock, requests, stop, vaultAt } = await azureLab(["demo"]);
const stranger = createServer();
await once(stranger.listen(0, "127.0.0.1"), "listening");
afterAll(() => {
  stranger.close();
  return stop();
});

const { cloud, url } = vaultAt("demo");
const elsewhere = `https://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
const over = () => transport({ environment: {}, clock });
const ask = (origin: string) => ({ method: "GET", origin, path: "/secrets?api-version=7.4", limit: 10_000, withinMs: 10_000 });
const head = { headers: {} };
const arrived = async (): Promise<Socket> => (await once(stranger, "connection"))[0] as Socket;

it("a connection that nobody uses is kept for a minute at most", async () => {
  const agent = await ways({})(cloud, { host: "127.0.0.1", port: 1 }).agent();
  expect(agent.options).toMatchObject({ keepAlive: true, timeout: 60_000 });
});

it("each request that is under way has a connection of its own, and the next one takes one of them", async () => {
  const wire = over();
  const send = () => wire(cloud, ask(url)).send(head, 10_000);
  const answers = [...(await Promise.all([send(), send()])), await send()];
  expect(answers.map(({ reply }) => reply?.status)).toEqual([401, 401, 401]);
  expect(new Set((await requests()).map(({ connection }) => connection)).size).toBe(2);
});

it("the first connection is nobody's but its own place's, even where nobody used it there", async () => {
  const wire = over();
  const came = arrived();
  await expect(wire(cloud, { ...ask(elsewhere), path: "/\n" }).send(head, 10_000)).rejects.toMatchObject({
    code: "ERR_UNESCAPED_CHARACTERS",
  });
  await came;
  expect(await wire(cloud, ask(url)).send(head, 10_000)).toMatchObject({ reply: { status: 401 } });
});

it.each(["before its connection stands", "in the middle of its handshake"])("a line that is dropped %s hangs up", async (when) => {
  const came = arrived();
  const line = over()(cloud, ask(elsewhere));
  if (when === "in the middle of its handshake") await line.begun();
  line.drop();
  await once((await came).resume(), "close");
});

it("whoever does not answer a handshake is given up in time", async () => {
  const came = arrived();
  expect(await over()(cloud, ask(elsewhere)).send(head, 20)).toMatchObject({ failure: { kind: "timeout", sent: false } });
  (await came).destroy();
});

it.each([
  ["refused", "https://127.0.0.1:1"],
  ["unresolved", "https://nobody.invalid"],
])("what fails before TLS is asked for is told: %s", async (kind, origin) => {
  const { failure } = await over()(cloud, ask(origin)).send(head, 10_000);
  // Without a network nobody answers at all.
  expect([kind, "no-dns"]).toContain(failure?.kind);
});
