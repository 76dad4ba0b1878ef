import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { Agent, createServer, request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { X509Certificate } from "node:crypto";
import { connect as tlsConnect } from "node:tls";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { createAuthority, issueLeaf, type TlsIdentity } from "../../src/emulator/authority.ts";
import { createLeaf } from "../../src/emulator/leaf.ts";
import { close, createTlsServer, listen } from "../../src/emulator/server.ts";
import { exchange, openLab } from "./support.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "usc-authority-"));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = createAuthority();
const good = issueLeaf(authority);
const evil = issueLeaf(authority, { names: ["example.org"] });
const suffixed = issueLeaf(authority, { names: ["evilvault.azure.net"] });
const caFile = join(folder, "ca.pem");
writeFileSync(caFile, authority.certificatePem);

async function openssl(leaf: TlsIdentity, ...more: string[]): Promise<string> {
  const file = join(folder, "leaf.pem");
  writeFileSync(file, leaf.certificatePem);
  const { stdout } = await run("openssl", ["verify", "-x509_strict", "-purpose", "sslserver", ...more, "-CAfile", caFile, file]);
  return stdout;
}

async function fetchFrom(leaf: TlsIdentity, servername: string): Promise<number> {
  const server = createServer({ key: leaf.keyPem, cert: leaf.certificatePem }, (_incoming, outgoing) => outgoing.end("hello"));
  const port = await listen(server, 0);
  try {
    const options = {
      host: "127.0.0.1",
      port,
      servername,
      headers: { host: servername },
      ca: authority.certificatePem,
      agent: false,
    } as const;
    return (await exchange(request(options))).status;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test("E2 OpenSSL accepts the chain for every name it plays, strictly", async () => {
  expect(await openssl(good)).toContain("OK");
  for (const host of ["demo.vault.localhost", "demo.vault.azure.net", "login.microsoftonline.com", "localhost"]) {
    expect(await openssl(good, "-verify_hostname", host)).toContain("OK");
  }
  expect(await openssl(good, "-verify_ip", "127.0.0.1")).toContain("OK");
});

test("E2 OpenSSL rejects a leaf of this authority for another name", async () => {
  for (const leaf of [evil, suffixed]) {
    await expect(openssl(leaf)).rejects.toMatchObject({ stderr: expect.stringContaining("permitted subtree violation") });
  }
});

test("E2 the authority may vouch for loopback and the Azure names it plays, critically and for nothing else", async () => {
  const { stdout } = await run("openssl", ["x509", "-in", caFile, "-noout", "-ext", "nameConstraints,basicConstraints,keyUsage"]);
  expect(stdout.split("\n").map((line) => line.trim())).toEqual([
    "X509v3 Basic Constraints: critical",
    "CA:TRUE, pathlen:0",
    "X509v3 Key Usage: critical",
    "Certificate Sign, CRL Sign",
    "X509v3 Name Constraints: critical",
    "Permitted:",
    "DNS:localhost",
    "DNS:vault.azure.net",
    "DNS:login.microsoftonline.com",
    "DNS:graph.microsoft.com",
    "DNS:management.azure.com",
    "IP:127.0.0.0/255.0.0.0",
    "IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF",
    "",
  ]);
});

test("E2 Node accepts the chain and rejects a leaf for example.org", async () => {
  expect(await fetchFrom(good, "demo.vault.azure.net")).toBe(200);
  await expect(fetchFrom(evil, "example.org")).rejects.toThrow("permitted subtree violation");
});

test("E2 the leaf lives at most seven days and both names warn", () => {
  const leaf = new X509Certificate(good.certificatePem);
  expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBeLessThanOrEqual(7 * 86_400_000);
  expect(leaf.subject).toBe("CN=usc local Azure server - do not trust");
  expect(new X509Certificate(authority.certificatePem).subject).toBe("CN=usc local Azure - do not trust");
});

test("E2 the leaf is renewed before it ends, at the first connection that finds it old, and old connections live on", async () => {
  let now = Date.now();
  const leaf = createLeaf(authority, () => now);
  const server = createTlsServer(leaf, async (_incoming, outgoing) => void outgoing.end("hello"));
  const port = await listen(server, 0);
  const endOf = async (): Promise<number> => {
    const socket = tlsConnect({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const end = Date.parse(socket.getPeerCertificate().valid_to);
    socket.destroy();
    return end;
  };
  const agent = new Agent({ keepAlive: true, ca: authority.certificatePem });
  const ask = async (): Promise<number> => (await exchange(request({ host: "127.0.0.1", port, agent }))).status;
  expect(await ask()).toBe(200);
  const first = await endOf();
  now += 3.9 * 86_400_000;
  expect(await endOf()).toBe(first);
  // A machine may have slept for long: no step in between is needed.
  for (const days of [0.2, 30]) {
    now += days * 86_400_000;
    expect(await endOf()).toBeGreaterThan(now + 5 * 86_400_000);
  }
  expect(await ask()).toBe(200);
  agent.destroy();
  await close(server);
});

test("the file of the authority holds no key, is 0600 in a 0700 folder, and goes with the local Azure", async () => {
  const { ready, ca, stop } = await openLab();
  expect(ca.toString()).not.toContain("PRIVATE");
  expect(statSync(ready.ca_file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(ready.ca_file)).mode & 0o777).toBe(0o700);
  await stop();
  expect(() => statSync(dirname(ready.ca_file))).toThrow("ENOENT");
});
