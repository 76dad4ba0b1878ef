import { errorDocument, outcomes, UscError } from "../../kernel/errors.ts";
import type { Command, Manifest } from "../../kernel/manifest.ts";
import { invoke, type Operation } from "../../kernel/operation.ts";
import { findCommand } from "./find-command.ts";
import { type Globals, parseLine } from "./flags.ts";
import { gather } from "./gather.ts";
import { type Format, formats, printAnswer, safeJson, safeLine, writeAll } from "./print.ts";

export interface CliOptions {
  argv: readonly string[];
  manifest: Manifest;
  /** Processes beside the operations, for the overview. */
  processes: readonly { name: string; summary: string }[];
  openRoom: (room: string, ears: Ears) => Promise<readonly Operation[]>;
}

/** What a person hears on stderr while a command runs. */
interface Ears {
  onCall: ((call: CallTold) => void) | undefined;
  tell: (doing: string) => void;
  warn: (sentence: string) => void;
}

interface CallTold {
  method: string;
  url: string;
  status?: number;
  ms: number;
  requestId?: string;
}

/** One command from its line to its exit code. */
export async function runCli({ argv, manifest, processes, openRoom }: CliOptions): Promise<number> {
  let globals: Globals = {};
  try {
    if (argv.length === 0 || argv[0] === "--help" || argv[0] === "-h" || argv[0] === "help") {
      const { overview } = await import("./help.ts");
      writeAll(1, overview(manifest, processes));
      return argv.length === 0 ? outcomes.usage.exit : 0;
    }
    const { command, rest } = findCommand(manifest, argv);
    const line = parseLine(command, rest);
    globals = line.globals;
    if (globals.help === true) {
      const { commandHelp } = await import("./help.ts");
      writeAll(1, commandHelp(command));
      return 0;
    }
    const format = formatOf(command, globals);
    const input = await gather(command, line, askable(command, line.fields));
    const operations = await openRoom(command.room, earsOf(globals));
    const operation = operations.find((candidate) => candidate.name === command.name);
    if (operation === undefined) throw new TypeError(`${command.name}: in the manifest, but not in its room`);
    await answer(operation, input, format, globals);
    return 0;
  } catch (error) {
    return report(error, globals);
  }
}

/** Asking costs loading the terminal's code: only where something secret is missing. */
function askable(command: Command, given: Record<string, unknown>): boolean {
  return (
    command.fields.some((field) => field.secret && field.required && !(field.name in given)) &&
    process.stdin.isTTY === true &&
    process.stderr.isTTY === true
  );
}

async function answer(operation: Operation, input: Record<string, unknown>, format: Format, globals: Globals): Promise<void> {
  if (format === "ndjson" && operation.stream !== undefined) {
    await invoke(operation, input, (rows) => writeAll(1, rows.map((row) => `${safeJson(row)}\n`).join("")));
    return;
  }
  const result = await invoke(operation, input);
  if (operation.raw && (format === "raw" || globals.outFile !== undefined)) {
    const bytes = Buffer.from(String(result[operation.raw.field]), "base64");
    if (globals.outFile === undefined) return writeAll(1, bytes);
    const { writeOutFile } = await import("./out-file.ts");
    return writeOutFile(globals.outFile, bytes, isOn(globals.force));
  }
  await printAnswer(result, format);
}

function formatOf(command: Command, globals: Globals): Format {
  const format = isOn(globals.json) ? "json" : (globals.output ?? "json");
  if (!isFormat(format)) throw new UscError("usage", `-o is not valid: expected one of ${formats.join(", ")}.`);
  if (format === "raw" && !command.raw)
    throw new UscError("usage", `-o raw writes a value's bytes, and \`usc ${command.name}\` answers without one.`);
  return format;
}

const isFormat = (text: string): text is Format => formats.some((format) => format === text);

const isOn = (given: string | boolean | undefined): boolean => {
  if (typeof given === "string" && given !== "true" && given !== "false")
    throw new UscError("usage", "A boolean flag takes true or false.");
  return given === true || given === "true";
};

function earsOf({ verbose, quiet }: Globals): Ears {
  const say = (line: string): void => writeAll(2, `usc: ${safeLine(line)}\n`);
  return {
    onCall: isOn(verbose) ? tellCall : undefined,
    tell: (doing) => {
      if (!isOn(quiet) && process.stderr.isTTY === true) say(`${doing} ...`);
    },
    warn: say,
  };
}

function tellCall({ method, url, status, ms, requestId }: CallTold): void {
  writeAll(2, `${safeLine(`${method} ${url} ${status ?? "failed"} ${ms} ms ${requestId ?? "-"}`)}\n`);
}

/** The funnel: every failure leaves as one document or two lines, with the code's exit. */
export function report(error: unknown, globals: Globals = {}): number {
  const document = errorDocument(error);
  const asked = globals.output === "json" || globals.json === true || globals.json === "true";
  if (asked || process.stderr.isTTY !== true) writeAll(2, `${safeJson(document)}\n`);
  else
    writeAll(
      2,
      `usc: ${safeLine(document.error)}\n${document.hint === undefined || globals.quiet ? "" : `hint: ${safeLine(document.hint)}\n`}`,
    );
  return outcomes[document.code].exit;
}
