import { openRoom } from "../app.ts";
import { writeAll } from "../faces/cli/print.ts";
import { safeLine } from "../kernel/printable.ts";
import type { Globals } from "../faces/cli/flags.ts";
import { meantBy } from "../faces/cli/meant.ts";
import { caller } from "../faces/cli/run.ts";
import { systemClock } from "../kernel/clock.ts";
import { invoke, operationNamed } from "../kernel/operation.ts";
import { stepsOf, type Stop } from "../kernel/steps.ts";
import { openGateway } from "../remote.ts";
import type { Made } from "./made.ts";

type Read = (name: "get" | "get-all", input: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** Reads secrets as every face does, here or at a gateway: each read passes the doors of its operation and is audited, here as one of `run`. */
export async function reader(home: string, manifest: Made["manifest"], globals: Globals): Promise<Read> {
  const warn = (sentence: string): void => writeAll(2, `usc: ${safeLine(sentence)}\n`);
  const stop: Stop = { signal: new AbortController().signal, hold: () => {} };
  const steps = stepsOf({ clock: systemClock, stop, tell: () => {}, warn, ask: async () => true });
  const environment = process.env;
  const meant = meantBy({ name: "run" }, globals, environment);
  if (meant !== undefined) {
    const ask = await openGateway(meant, { home, environment, steps, stop, isAsked: () => false });
    const commands = manifest();
    return (name, input) => {
      const command = commands.find((one) => one.name === name);
      if (command === undefined) throw new TypeError(`${name}: no such command`);
      return ask(command, input);
    };
  }
  const { operations, ledger } = await openRoom("objects", { home, environment, steps });
  return (name, input) => invoke({ ...operationNamed(name, operations), name: "run" }, input, { ...ledger, caller, warn });
}
