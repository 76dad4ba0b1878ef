import { type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator/index.ts";
import { cli, type Ran } from "./cli.ts";
import { typed } from "./furniture.ts";

/** A local Azure, and a `usc` with the target /t and the connector /kv on its first vault. */
export async function localAzure(options: EmulatorOptions = {}) {
  const emulator: Emulator = await startEmulator({ name: "lab", ...options });
  const { ready } = emulator;
  const tool = cli();
  const vault = ready.vaults[0];
  if (vault === undefined) throw new Error("no vault");
  const control = async (path: string, method = "GET", body?: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(`${ready.control}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    if (!response.ok) throw new Error(`control ${method} ${path}: ${response.status} ${await response.text()}`);
    const text = await response.text();
    return (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
  };
  const requests = async (): Promise<{ method: string; path: string; status: number; connection: number; host: string }[]> =>
    (await control("/requests"))["requests"] as never;
  const done: Ran[] = [];
  for (const { argv, input } of typed(ready, "lab")) done.push(await tool.usc(argv, { input }));
  done.push(await tool.usc(["create-usc", "--name", "kv", "--target-to-associate", "t", "--azure-kv-name", vault.name]));
  const failed = done.find((step) => step.exit !== 0);
  if (failed) throw new Error(failed.stderr);
  const stop = async (): Promise<void> => {
    await emulator.stop();
    tool.clean();
  };
  return { ...tool, emulator, ready, vault, control, requests, stop };
}
