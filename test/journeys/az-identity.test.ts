import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { checkout } from "../support/cli.ts";
import { localAzure } from "../support/local-azure.ts";

const run = promisify(execFile);
const lab = await localAzure({ proxyPort: 0 });
afterAll(() => lab.stop());
const { ready, control, folder, usc } = lab;
await run("sh", ["tools/python/install.sh", "az", "--no-deps"], { cwd: checkout });

/** Microsoft's own az, unmodified, as a user has it: a script on PATH and a folder with who is logged in. */
const bin = join(folder, "az-bin");
mkdirSync(bin);
writeFileSync(join(bin, "az"), `#!/bin/sh\nexec python3 -m azure.cli "$@"\n`);
chmodSync(join(bin, "az"), 0o755);
const env = {
  PATH: `${bin}:${process.env["PATH"]}`,
  PYTHONPATH: join(checkout, ".tools/az"),
  HTTPS_PROXY: ready.proxy_url ?? "",
  REQUESTS_CA_BUNDLE: ready.ca_file,
  NODE_EXTRA_CA_CERTS: ready.ca_file,
  AZURE_CONFIG_DIR: join(folder, "az-config"),
  AZURE_CORE_COLLECT_TELEMETRY: "0",
  AZURE_CORE_ONLY_SHOW_ERRORS: "1",
};
const az = (...words: string[]) => run(join(bin, "az"), words, { env, cwd: "/" });
const test = (...more: string[]) => usc(["target", "test", "--name", "cli", "--timeout", "120", ...more], { env });

it("the real az: logged out, logged in, ARM's token, and logged in as somebody else", { timeout: 600_000 }, async () => {
  await control("/secrets/demo/x", "PUT", { value: "v4lue" });
  await usc(["target", "create", "azure", "--name", "cli", "--connection-type", "azure-cli"]);
  await usc(["create-usc", "--name", "cli", "--target-to-associate", "cli", "--azure-kv-name", "demo"]);
  const out = await test();
  expect([out.exit, out.failure.error, out.failure.hint]).toEqual([
    5,
    "Nobody is logged in to az, and the target /cli is whoever is.",
    "Log in: az login",
  ]);

  const who = ["--service-principal", "--username", ready.client_id, "--tenant", ready.tenant_id];
  await az("login", ...who, "--password", ready.client_secret);
  const logged = await test();
  expect([logged.stderr, logged.json]).toEqual([
    "",
    expect.objectContaining({
      client_id: ready.client_id,
      tenant_id: ready.tenant_id,
      vaults: [expect.objectContaining({ status: "ok" })],
    }),
  ]);
  const get = () => usc(["get", "--usc-name", "cli", "-s", "x", "-o", "raw", "--timeout", "120"], { env });
  expect((await get()).stdout).toBe("v4lue");
  const found = await usc(["fetch-vaults", "--target-name", "cli", "--timeout", "120"], { env });
  expect((found.json["vaults"] as { vault_url: string }[]).map((vault) => vault.vault_url)).toEqual([
    "https://demo.vault.azure.net",
    "https://other.vault.azure.net",
  ]);

  // Whoever logs in to az is the target from that moment on: what was remembered of another is not used.
  await control("/role-assignments", "PUT", { principal: ready.managed_identities.system_assigned.client_id, roles: [] });
  await run(join(bin, "az"), ["login", "--identity", "--allow-no-subscriptions"], {
    env: { ...env, AZURE_POD_IDENTITY_AUTHORITY_HOST: ready.imds },
    cwd: "/",
  });
  const other = await usc(["get", "--usc-name", "cli", "-s", "x", "--timeout", "120"], {
    env: { ...env, AZURE_POD_IDENTITY_AUTHORITY_HOST: ready.imds },
  });
  expect([other.exit, other.failure.code]).toEqual([6, "forbidden"]);
  await az("logout").catch(() => {});
});
