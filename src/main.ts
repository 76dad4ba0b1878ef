import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "./kernel/clock.ts";
import { outcomes } from "./kernel/errors.ts";
import { type Catalogue, catalogueOf } from "./kernel/manifest.ts";
import { graceMs, stepsOf, type Stop } from "./kernel/steps.ts";
import type { Made } from "./processes/made.ts";

/** Long-lived programs beside the operations. */
const processes: Record<string, { summary: string; load: () => Promise<{ run: Process; help?: string }> }> = {
  "emulator start": { summary: "Runs a local Azure on this machine", load: () => import("./processes/emulator-start.ts") },
  "gateway start": { summary: "Serves every operation over HTTP", load: () => import("./processes/gateway-start.ts") },
  run: { summary: "Runs a program with secrets in its environment, masked in its output", load: () => import("./processes/run.ts") },
  demo: { summary: "Shows the whole job against a local Azure of its own", load: () => import("./processes/demo.ts") },
};

type Process = (argv: readonly string[], home: string, made: Made) => Promise<number>;

/** argv, environment and signals in, exit code out. */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = stopOnSignals();
  const environment = process.env;
  const { runCli } = await import("./faces/cli/run.ts");
  try {
    const { refuseUnsafeDebugging, homeOf } = await import("./environment.ts");
    refuseUnsafeDebugging(environment);
    const home = homeOf(environment);
    const name = Object.keys(processes).find((words) => `${argv.join(" ")} `.startsWith(`${words} `));
    const found = name === undefined ? undefined : processes[name];
    if (name !== undefined && found)
      return await (
        await found.load()
      ).run(argv.slice(name.split(" ").length), home, { manifest: () => catalogue().all(), shapes, asset, thread });
    const exit = await runCli({
      argv,
      catalogue: catalogue(),
      processes: Object.entries(processes).map(([words, { summary, load }]) => ({
        name: words,
        summary,
        help: async () => (await load()).help ?? "",
      })),
      environment,
      openGateway: async (meant, { onCall, isAsked, ...ears }) => {
        const { openGateway } = await import("./remote.ts");
        const steps = stepsOf({ clock: systemClock, stop, ...ears });
        return openGateway(meant, { home, environment, shapes: shapes(), onCall, isAsked, stop, steps });
      },
      openRoom: async (room, { onCall, tell, warn, ask }) => {
        const { openRoom } = await import("./app.ts");
        return openRoom(room, {
          home,
          environment,
          shapes: shapes(),
          onCall,
          steps: stepsOf({ clock: systemClock, stop, tell, warn, ask }),
        });
      },
    });
    return exit === outcomes.interrupted.exit && stop.exit !== undefined ? stop.exit : exit;
  } catch (error) {
    const { report } = await import("./faces/cli/report.ts");
    return report(error);
  }
}

/** The first signal asks an operation of several steps to stop between two of them; the second, or the first without one, ends the process. */
function stopOnSignals(): Stop & { exit?: number } {
  const asked = new AbortController();
  let held = false;
  const stop: Stop & { exit?: number } = { signal: asked.signal, hold: () => void (held = true) };
  for (const [signal, exit] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.on(signal, () => {
      if (!held || asked.signal.aborted) process.exit(exit);
      stop.exit = exit;
      asked.abort();
      // The journal knows what is under way.
      setTimeout(() => process.exit(exit), graceMs).unref();
    });
  }
  return stop;
}

/** Made by the build, beside this file. */
const asset = (file: string): Buffer => readFileSync(join(import.meta.dirname, file));
/** Its own entry among the chunks. */
const thread: Made["thread"] = (name) => {
  const dist = import.meta.dirname;
  const entry = readdirSync(dist).find((file) => file.startsWith(`${name}-`));
  return { file: join(dist, "../bin/thread.js"), workerData: { dist, entry } };
};
const made = (file: string): string => asset(file).toString("utf8");
const catalogue = (): Catalogue => catalogueOf(made("manifest.ndjson").split("\n"));
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own build wrote it
const shapes: Made["shapes"] = () => JSON.parse(made("records.json")) as ReturnType<Made["shapes"]>;
