import { subscribe } from "node:diagnostics_channel";
import { readdirSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { PerformanceObserver } from "node:perf_hooks";
import { connect as tlsConnect } from "node:tls";
import { request } from "node:https";
import { expect, test } from "vitest";
import { exchange, openLab } from "./support.ts";

// Everything that this process, and so the proxy in it, dials or looks up from here on.
const dialled: string[] = [];
const lookedUp: string[] = [];
subscribe("net.client.socket", (message) => {
  const { socket } = message as { socket: Socket };
  socket.on("connectionAttempt", (address: string, to: number) => dialled.push(`${address}:${to}`));
});
subscribe("udp.socket", () => lookedUp.push("a socket for datagrams"));
const lookups = new PerformanceObserver((list) => lookedUp.push(...list.getEntries().map(({ name }) => name)));
lookups.observe({ entryTypes: ["dns"] });

const lab = await openLab({ proxyPort: 0 });
const port = Number(new URL(lab.ready.proxy_url ?? "").port);

async function ask(line: string): Promise<{ socket: ReturnType<typeof connect>; status: string }> {
  const socket = connect(port, "127.0.0.1");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.once("data", (data) => resolve(data.toString()));
  socket.once("error", reject);
  socket.once("close", () => resolve(""));
  socket.write(`${line}\r\nHost: proxy\r\n\r\n`);
  return { socket, status: (await promise).split(" ")[1] ?? "closed" };
}

test.each([
  ["login.microsoftonline.com:443", "200"],
  ["management.azure.com:443", "200"],
  ["graph.microsoft.com:443", "200"],
  ["demo.vault.azure.net:443", "200"],
  ["DEMO.Vault.Azure.Net:443", "200"],
  ["nobody.vault.azure.net:443", "503"],
  ["evilvault.azure.net:443", "403"],
  ["vault.azure.net:443", "403"],
  [".vault.azure.net:443", "403"],
  ["a.b.vault.azure.net:443", "403"],
  ["demo.vault.azure.net.evil.com:443", "403"],
  ["demo.vault.azure.net.:443", "403"],
  ["demo.vault.azure.net:22", "403"],
  ["demo.vault.azure.net:4430", "403"],
  ["demo.vault.azure.net", "403"],
  ["login.microsoftonline.com.evil.com:443", "403"],
  ["xlogin.microsoftonline.com:443", "403"],
  ["user@login.microsoftonline.com:443", "403"],
  ["user:pass@demo.vault.azure.net:443", "403"],
  ["127.0.0.1:443", "403"],
  ["[::1]:443", "403"],
  ["localhost:443", "403"],
  ["example.org:443", "403"],
  ["demo%2evault.azure.net:443", "403"],
])("E3 CONNECT %s is answered with %s", async (target, status) => {
  const reply = await ask(`CONNECT ${target} HTTP/1.1`);
  reply.socket.destroy();
  expect(reply.status).toBe(status);
});

test("E3 every tunnel ends at the local Azure, whatever the name", async () => {
  for (const host of ["login.microsoftonline.com", "management.azure.com", "graph.microsoft.com", "demo.vault.azure.net"]) {
    const { socket } = await ask(`CONNECT ${host}:443 HTTP/1.1`);
    const secure = tlsConnect({ socket, servername: host, ca: lab.ca });
    await once(secure, "secureConnect");
    expect(secure.getPeerCertificate().subject.CN).toBe("usc local Azure server - do not trust");
    socket.destroy();
  }
});

test("E3 the proxy takes no other method", async () => {
  const reply = await ask("GET http://demo.vault.azure.net/ HTTP/1.1");
  reply.socket.destroy();
  expect(reply.status).toBe("405");
});

test("a vault under its real name answers with real ids, a nextLink with :443 and the real login host", async () => {
  const host = "demo.vault.azure.net";
  for (const name of ["a", "b"]) await lab.vault("PUT", `/secrets/${name}`, { value: name });
  const through = async (path: string, authorization: Record<string, string>): ReturnType<typeof exchange> => {
    const { socket } = await ask(`CONNECT ${host}:443 HTTP/1.1`);
    const createConnection = (): ReturnType<typeof tlsConnect> => tlsConnect({ socket, servername: host, ca: lab.ca });
    const reply = await exchange(request({ host, path, headers: { host, ...authorization }, createConnection }));
    socket.destroy();
    return reply;
  };
  const refused = await through("/secrets?api-version=7.4", {});
  expect(refused.headers["www-authenticate"]).toBe(
    `Bearer authorization="https://login.microsoftonline.com/${lab.ready.tenant_id}", resource="https://vault.azure.net"`,
  );
  const list = await through("/secrets?maxresults=1&api-version=7.4", { authorization: `Bearer ${await lab.token()}` });
  expect(list.json.value[0].id).toBe("https://demo.vault.azure.net/secrets/a");
  expect(list.json.nextLink).toMatch(
    /^https:\/\/demo\.vault\.azure\.net:443\/secrets\?api-version=7\.4&\$skiptoken=[0-9A-Za-z_-]+&maxresults=1$/,
  );
});

// Last, so that all of the above has happened.
test("E3 nothing was dialled but our own ports on 127.0.0.1, and no name was looked up", async () => {
  const own = `127.0.0.1:${new URL(lab.ready.authority_host).port}`;
  const before = dialled.length;
  for (const target of ["demo.vault.azure.net:443", "nobody.vault.azure.net:443", "example.org:443"]) {
    (await ask(`CONNECT ${target} HTTP/1.1`)).socket.destroy();
  }
  // Three calls of this test, and one tunnel.
  const proxy = `127.0.0.1:${port}`;
  expect(dialled.slice(before).sort()).toEqual([own, proxy, proxy, proxy].sort());
  const ports = [own, proxy, ...lab.ready.vaults.map(({ direct_url }) => new URL(direct_url).host), new URL(lab.ready.control).host];
  expect([...new Set(dialled)].filter((address) => !ports.includes(address))).toEqual([]);
  lookedUp.push(...lookups.takeRecords().map(({ name }) => name));
  expect(lookedUp).toEqual([]);
});

test("E3 no other place in the local Azure can dial: one call of one import, and its host is a literal", () => {
  const folder = join(import.meta.dirname, "../../src/emulator");
  const files = readdirSync(folder).map((name) => ({ name, code: readFileSync(join(folder, name), "utf8") }));
  const outward =
    /"node:(?:dns|dgram|http2|tls|child_process|worker_threads|cluster|inspector)[^"]*"|\bfetch\(|\bWebSocket\b|\bEventSource\b|getBuiltinModule|createRequire|import (?!type)(?:\w|\* as).* from "node:(?:net|https?)"|import\("node:/u;
  expect(files.filter(({ code }) => outward.test(code)).map(({ name }) => name)).toEqual([]);
  const values = (code: string): string[] =>
    [...code.matchAll(/import (?!type)\{([^}]*)\} from "node:(?:net|http|https)"/gu)].flatMap(([, names = ""]) =>
      names.split(",").map((name) => name.trim()),
    );
  const imported = files.flatMap(({ name, code }) => values(code).map((value) => `${name}: ${value}`));
  expect(imported.filter((row) => !/: (?:type |createServer\b)/u.test(row))).toEqual(["proxy.ts: connect"]);
  const calls = files.flatMap(({ code }) => [...code.matchAll(/\bconnect\(.*$/gmu)].map(([call]) => call));
  expect(calls).toEqual(['connect(tlsPort(), "127.0.0.1", () => {']);
});
