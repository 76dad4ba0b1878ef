import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { openLab } from "./support.ts";

const run = promisify(execFile);
const root = new URL("../..", import.meta.url).pathname;

test("the official Python clients work unmodified against the real names through the proxy", { timeout: 300_000 }, async () => {
  await run("sh", ["tools/python/install.sh"], { cwd: root });
  const { ready, ca } = await openLab({ proxyPort: 0 });
  expect(ca.length).toBeGreaterThan(0);
  const { stdout } = await run("python3", ["tools/python/witness.py"], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      PYTHONPATH: `${root}/.tools/python`,
      HTTPS_PROXY: ready.proxy_url,
      REQUESTS_CA_BUNDLE: ready.ca_file,
      SSL_CERT_FILE: ready.ca_file,
      WITNESS_TENANT: ready.tenant_id,
      WITNESS_CLIENT: ready.client_id,
      WITNESS_SECRET: ready.client_secret,
    },
  });
  expect(stdout.trim().split("\n")).toEqual([
    "set witness first text/plain {'a': '1'} https://demo.vault.azure.net/secrets/witness",
    "get first first",
    "versions 2",
    "pages [25, 25, 10]",
    "list 60 True row-00 witness",
    "update False {}",
    "disabled 403 Forbidden Operation get is not allowed on a disabled secret.",
    "deleted witness 90 https://demo.vault.azure.net/deletedsecrets/witness",
    "deleted list ['witness']",
    "soft-deleted 409 Conflict ObjectIsDeletedButRecoverable",
    "recovered witness second",
    "purged 404 SecretNotFound",
    "restored witness second",
    "versions after restore 2",
    "wrong secret AADSTS7000215",
  ]);
});
