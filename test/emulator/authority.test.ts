import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { createAuthority, issueLeaf, type TlsIdentity } from "../../src/emulator/authority.ts";
import { listen } from "../../src/emulator/server.ts";
import { exchange, openLab } from "./support.ts";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "usc-authority-"));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = createAuthority();
const good = issueLeaf(authority);
const evil = issueLeaf(authority, ["example.org"]);
const suffixed = issueLeaf(authority, ["evilvault.azure.net"]);
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

test("the file of the authority holds no key, is 0600 in a 0700 folder, and goes with the local Azure", async () => {
  const { ready, ca, stop } = await openLab();
  expect(ca.toString()).not.toContain("PRIVATE");
  expect(statSync(ready.ca_file).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(ready.ca_file)).mode & 0o777).toBe(0o700);
  await stop();
  expect(() => statSync(dirname(ready.ca_file))).toThrow("ENOENT");
});
