import { afterAll, describe, expect, it } from "vitest";
import { causesLab } from "../support/causes-lab.ts";

const { calm, furnish, ready, stop, usc } = await causesLab();
afterAll(stop);

const own = { cloud: { "ca-file": "" } };
const microsofts = { cloud: { name: "AzureCloud" }, env: { HTTPS_PROXY: ready.proxy_url ?? "" } };
const likeMicrosofts = {
  cloud: { "authority-host": "https://login.microsoftonline.com", "key-vault-suffix": "vault.azure.net" },
  env: { HTTPS_PROXY: ready.proxy_url ?? "" },
};
const extra = { NODE_EXTRA_CA_CERTS: ready.ca_file };
// On Linux the system's store is where these two point; SSL_CERT_DIR would add the distribution's own.
const system = { NODE_USE_SYSTEM_CA: "1", SSL_CERT_FILE: ready.ca_file, SSL_CERT_DIR: "/nonexistent" };

/** Login, read and write: one exit each. */
async function exits(world: { cloud: Record<string, string>; env?: Record<string, string> }, env: Record<string, string>) {
  await calm();
  const { name, env: home } = await furnish(world);
  const how = { env: { ...home, ...world.env, ...env } };
  const at = ["--usc-name", name, "-s", "x"];
  return [
    (await usc(["target", "test", "--name", name], how)).exit,
    (await usc(["get", ...at], how)).exit,
    (await usc(["create", ...at, "-v", "1", "--overwrite"], how)).exit,
  ];
}

describe("the local Azure's CA is trusted", () => {
  it.each([
    ["by the cloud that was registered with it", likeMicrosofts, {}],
    ["by NODE_EXTRA_CA_CERTS, for a cloud without a CA", own, extra],
    ["by NODE_EXTRA_CA_CERTS, through a proxy", microsofts, extra],
    ["by the system's store, for a cloud without a CA", own, system],
    ["by the system's store, through a proxy", microsofts, system],
  ])("%s", async (_, world, env) => {
    expect(await exits(world, env)).toEqual([0, 0, 0]);
  });

  it.each([
    ["without any of them", own, {}],
    ["by the system's store that was not asked for", microsofts, { SSL_CERT_FILE: ready.ca_file }],
    ["because the environment says that nothing matters", own, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }],
  ])("and not %s", async (_, world, env) => {
    expect(await exits(world, env)).toEqual([7, 7, 7]);
  });
});
