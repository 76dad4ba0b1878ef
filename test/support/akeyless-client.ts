import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { EmulatorReady } from "../../src/emulator/index.ts";
import { checkout } from "./cli.ts";
import type { gatewayOver } from "./gateway.ts";

const run = promisify(execFile);
type Gateway = Pick<Awaited<ReturnType<typeof gatewayOver>>, "url" | "admin">;

/** Akeyless' own Python client, as the gateway's admin. Gives the lines that a script of `tools/python` prints. */
export async function akeylessClient(ready: EmulatorReady, { url, admin }: Gateway) {
  await run("sh", ["tools/python/install.sh", "akeyless", "--no-deps"], { cwd: checkout });
  const env = {
    PATH: process.env["PATH"],
    PYTHONPATH: `${checkout}/.tools/akeyless`,
    PYTHONDONTWRITEBYTECODE: "1",
    WITNESS_URL: url,
    WITNESS_ID: admin.access_id,
    WITNESS_KEY: admin.access_key,
    WITNESS_TENANT: ready.tenant_id,
    WITNESS_CLIENT: ready.client_id,
    WITNESS_SECRET: ready.client_secret,
    WITNESS_CLOUD: "lab",
  };
  return async (script: string, more: Record<string, string> = {}): Promise<string[]> => {
    const { stdout } = await run("python3", [`tools/python/${script}`], { cwd: checkout, env: { ...env, ...more } });
    return stdout.trim().split("\n");
  };
}
