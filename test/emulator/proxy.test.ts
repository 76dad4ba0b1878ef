import { connect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { request } from "node:https";
import { expect, test } from "vitest";
import { exchange, openLab } from "./support.ts";

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
