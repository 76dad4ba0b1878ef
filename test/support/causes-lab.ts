import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { canaries, type World } from "./cause.ts";
import { loginCauses } from "./causes-login.ts";
import { networkCauses } from "./causes-network.ts";
import { vaultCauses } from "./causes-vault.ts";
import { localAzure } from "./local-azure.ts";

/** A local Azure and what may stand between it and a user: each cause of a failure with what is said of it, and how it is brought about. */
export async function causesLab() {
  const lab = await localAzure({ proxyPort: 0 });
  const grumpy = await grumpyProxy();
  const stop = async (): Promise<void> => {
    grumpy.stop();
    await lab.stop();
  };
  return {
    ...lab,
    stop,
    causes: { ...loginCauses(lab), ...networkCauses(lab, grumpy.at), ...vaultCauses(lab) },
    canaries: [lab.ready.client_secret, ...canaries],
    ...furnisher(lab),
  };
}

/** A proxy that refuses everything, in the way that its user name says. */
async function grumpyProxy() {
  const server = createServer().on("connect", ({ headers }, client) => {
    const [user = ""] = Buffer.from(String(headers["proxy-authorization"]).slice("Basic ".length), "base64").toString().split(":");
    if (user === "silent") client.destroy();
    else client.end(`HTTP/1.1 ${user} No\r\ncontent-length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { at: (user: string): string => `http://${user}:proxy-passw0rd@127.0.0.1:${port}`, stop: () => void server.close() };
}

function furnisher({ ready, control, vault, folder, usc }: Awaited<ReturnType<typeof localAzure>>) {
  const suffix = new URL(vault.url).host.slice(vault.name.length + 1);
  let made = 0;
  const calm = async (): Promise<void> => {
    await control("/faults", "DELETE");
    await control("/settings", "PUT", { access: "rbac", network: "public" });
    await control("/access-policies", "PUT", { secrets: ["all"] });
    await control("/role-assignments", "PUT", { actions: ["*"] });
    await control("/applications", "PUT", { enabled: true });
    await control("/secrets/demo/x", "PUT", { value: "v4lue-canary" });
  };
  /** In a home of its own: what one command has learnt of a vault saves the next one a request. */
  const furnish = async (world: World): Promise<{ name: string; env: Record<string, string> }> => {
    const { cloud = {}, target = {}, vault: at = "demo" } = world;
    made += 1;
    const name = `c${made}`;
    const env = { USC_HOME: join(folder, name) };
    const hosts = {
      "authority-host": ready.authority_host,
      "key-vault-suffix": suffix,
      "graph-endpoint": ready.graph_endpoint,
      "arm-endpoint": ready.arm_endpoint,
      "ca-file": ready.ca_file,
    };
    const identity = {
      "azure-cloud": cloud["name"] ?? name,
      "tenant-id": ready.tenant_id,
      "client-id": ready.client_id,
      "client-secret": ready.client_secret,
    };
    const { "client-secret": secret, ...ids } = { ...identity, ...target };
    const steps = [
      ...(cloud["name"] === undefined ? [await usc(["cloud", "register", ...flagsOf({ name, ...hosts, ...cloud })], { env })] : []),
      await usc(["target", "create", "azure", ...flagsOf({ name, ...ids }), "--client-secret-file", "-"], { env, input: secret ?? "" }),
      await usc(["create-usc", ...flagsOf({ name, "target-to-associate": name, "azure-kv-name": at })], { env }),
    ];
    expect(steps.map(({ exit, stderr }) => [exit, stderr])).toEqual(steps.map(() => [0, ""]));
    return { name, env };
  };
  return { calm, furnish };
}

const flagsOf = (fields: Record<string, string>): string[] =>
  Object.entries(fields).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value]));
