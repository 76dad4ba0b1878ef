import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "./kernel/manifest.ts";

/** Long-lived programs beside the operations. */
const processes: Record<string, { summary: string; load: () => Promise<{ run: Process }> }> = {
  "emulator start": { summary: "Runs a local Azure on this machine", load: () => import("./processes/emulator-start.ts") },
  demo: { summary: "Shows the whole job against a local Azure of its own", load: () => import("./processes/demo.ts") },
};

type Process = (argv: readonly string[], home: string) => Promise<number>;

/** argv, environment and signals in, exit code out. */
export async function main(argv: readonly string[]): Promise<number> {
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  const environment = process.env;
  const { report, runCli } = await import("./faces/cli/run.ts");
  try {
    const { refuseUnsafeDebugging, homeOf } = await import("./environment.ts");
    refuseUnsafeDebugging(environment);
    const home = homeOf(environment);
    const name = Object.keys(processes).find((words) => `${argv.join(" ")} `.startsWith(`${words} `));
    const found = name === undefined ? undefined : processes[name];
    if (name !== undefined && found) return await (await found.load()).run(argv.slice(name.split(" ").length), home);
    return await runCli({
      argv,
      manifest: manifest(),
      processes: Object.entries(processes).map(([words, { summary }]) => ({ name: words, summary })),
      openRoom: async (room, onCall) => (await import("./app.ts")).openRoom(room, { home, environment, onCall }),
    });
  } catch (error) {
    return report(error);
  }
}

/** Made by the build, beside this file. */
function manifest(): Manifest {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own build wrote it; parsing it again would cost every call
  return JSON.parse(readFileSync(join(import.meta.dirname, "manifest.json"), "utf8")) as Manifest;
}
