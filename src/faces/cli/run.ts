import { userInfo } from "node:os";
import type { Ledger } from "../../kernel/audit.ts";
import { errorDocument, outcomes, UscError } from "../../kernel/errors.ts";
import type { Catalogue, Command } from "../../kernel/manifest.ts";
import { invoke, type Operation, operationNamed } from "../../kernel/operation.ts";
import type { LongLived } from "./completion.ts";
import { findCommand } from "./find-command.ts";
import { type Globals, type Line, parseLine } from "./flags.ts";
import { gather, isAskedFor } from "./gather.ts";
import { bytesOf, type Format, formats, printAnswer, readerLeft, safeJson, safeLine, textIn, writeAll } from "./print.ts";

export interface CliOptions {
  argv: readonly string[];
  catalogue: Catalogue;
  /** Processes beside the operations, for the overview. */
  processes: readonly LongLived[];
  openRoom: (room: string, ears: Ears) => Promise<{ operations: readonly Operation[]; ledger: Ledger }>;
}

/** What a person hears on stderr while a command runs. */
interface Ears {
  onCall: ((call: CallTold) => void) | undefined;
  tell: (doing: string) => void;
  warn: (sentence: string) => void;
  ask: (question: string) => Promise<boolean>;
}

interface CallTold {
  method: string;
  url: string;
  status?: number;
  ms: number;
  requestId?: string;
}

/** One command from its line to its exit code. */
export async function runCli({ argv, catalogue, processes, openRoom }: CliOptions): Promise<number> {
  let globals: Globals = {};
  let show: ((answer: Record<string, unknown>) => Promise<void>) | undefined;
  try {
    if (argv.length === 0 || argv[0] === "--help" || argv[0] === "-h" || argv[0] === "help") {
      const { overview } = await import("./help.ts");
      writeAll(1, overview(catalogue.all(), processes));
      return argv.length === 0 ? outcomes.usage.exit : 0;
    }
    if (argv[0] === "completion") {
      const { completion } = await import("./completion.ts");
      writeAll(1, await completion(argv.slice(1), catalogue.all(), processes));
      return 0;
    }
    const { command, rest } = findCommand(catalogue, argv);
    const line = parseLine(command, rest);
    globals = line.globals;
    if (globals.help === true) {
      const { commandHelp } = await import("./help.ts");
      writeAll(1, commandHelp(command));
      return 0;
    }
    const format = formatOf(command, line);
    // What is made for a file must not be made and lost for want of it.
    for (const { path, flag } of Object.values(line.outFiles)) (await import("./out-file.ts")).refuseTaken(path, isOn(globals.force), flag);
    show = (shown) => showAnswer(command, shown, format, line);
    const input = await gather(command, line, askable(command, line.fields));
    const ears = earsOf(globals);
    const { operations, ledger } = await openRoom(command.room, ears);
    const operation = operationNamed(command.name, operations);
    const witness = { ...ledger, caller, warn: ears.warn };
    if (format === "ndjson" && operation.stream !== undefined) {
      const onRows = (rows: readonly unknown[]): void => writeAll(1, rows.map((row) => `${safeJson(row)}\n`).join(""));
      await invoke(operation, input, witness, { onRows, declaration: command });
    } else await show(await invoke(operation, input, witness, { declaration: command }));
    return 0;
  } catch (error) {
    if (error instanceof UscError && error.details.answer) {
      // Whatever becomes of the answer: the failure and its exit stand.
      await show?.(error.details.answer).catch((untold: unknown) => report(untold, globals));
    }
    return report(error, globals);
  }
}

/** Asking costs loading the terminal's code: only where something secret is missing. */
function askable(command: Command, given: Record<string, unknown>): boolean {
  return command.fields.some((field) => isAskedFor(field, given)) && process.stdin.isTTY === true && process.stderr.isTTY === true;
}

async function showAnswer(command: Command, answer: Record<string, unknown>, format: Format, { globals, outFiles }: Line): Promise<void> {
  await writeAnswer(command, answer, format, globals);
  for (const [field, { path, flag }] of Object.entries(outFiles)) {
    (await import("./out-file.ts")).writeOutFile(path, Buffer.from(textIn(answer, field)), isOn(globals.force), flag);
  }
  if (command.steps === undefined || globals.junit === undefined) return;
  const { junit } = await import("./junit.ts");
  const { writeOutFile } = await import("./out-file.ts");
  writeOutFile(globals.junit, Buffer.from(junit(`usc ${command.name}`, answer[command.steps])), true, "--junit");
}

async function writeAnswer(command: Command, answer: Record<string, unknown>, format: Format, globals: Globals): Promise<void> {
  const asked = globals.outFile !== undefined || format === "raw";
  if (command.text && asked && command.text.log !== undefined) writeAll(2, textIn(answer, command.text.log));
  const bytes = asked ? bytesOf(command, answer) : undefined;
  if (bytes === undefined) return printAnswer(answer, format);
  if (globals.outFile === undefined) return writeAll(1, bytes);
  const { writeOutFile } = await import("./out-file.ts");
  return writeOutFile(globals.outFile, bytes, isOn(globals.force));
}

function formatOf(command: Command, { globals, fields }: Line): Format {
  const forms = command.raw?.forms;
  if (forms !== undefined && globals.output !== undefined && forms.of.includes(globals.output)) {
    fields[forms.field] = globals.output;
    return "raw";
  }
  const format = isOn(globals.json) ? "json" : (globals.output ?? (command.text ? "raw" : "json"));
  if (!isFormat(format)) throw new UscError("usage", `-o is not valid: expected one of ${[...formats, ...(forms?.of ?? [])].join(", ")}.`);
  if (format === "raw" && !command.raw && !command.text)
    throw new UscError("usage", `-o raw writes a value's bytes, and \`usc ${command.name}\` answers without one.`);
  return format;
}

const isFormat = (text: string): text is Format => formats.some((format) => format === text);

const isOn = (given: string | boolean | undefined): boolean => {
  if (typeof given === "string" && given !== "true" && given !== "false")
    throw new UscError("usage", "A boolean flag takes true or false.");
  return given === true || given === "true";
};

/** By the system's own word: the environment could say anything. */
export function caller(): string {
  try {
    return userInfo().username;
  } catch {
    // Containers run under numbers that no name belongs to.
    return `uid ${process.geteuid?.() ?? "unknown"}`;
  }
}

function earsOf({ verbose, quiet, yes, input }: Globals): Ears {
  const say = (line: string): void => writeAll(2, `usc: ${safeLine(line)}\n`);
  return {
    onCall: isOn(verbose) ? tellCall : undefined,
    tell: (doing) => {
      if (!isOn(quiet) && process.stderr.isTTY === true) say(`${doing} ...`);
    },
    warn: (sentence) => {
      if (!isOn(quiet)) say(sentence);
    },
    // At a terminal only: a script has said what it wants.
    ask: async (question) => {
      if (isOn(yes) || input === false || process.stdin.isTTY !== true || process.stderr.isTTY !== true) return true;
      return (await import("./prompt.ts")).askYes(safeLine(question));
    },
  };
}

function tellCall({ method, url, status, ms, requestId }: CallTold): void {
  writeAll(2, `${safeLine(`${method} ${url} ${status ?? "failed"} ${ms} ms ${requestId ?? "-"}`)}\n`);
}

/** The funnel: every failure leaves as one document or two lines, with the code's exit. */
export function report(error: unknown, globals: Globals = {}): number {
  if (error === readerLeft) return 0;
  const document = errorDocument(error);
  // A finding is no failure: the answer tells it, and the exit. A person hears a sentence.
  const isFinding = document.code === "changes";
  if (isFinding && process.stderr.isTTY !== true) return outcomes.changes.exit;
  const asked = !isFinding && (globals.output === "json" || globals.json === true || globals.json === "true");
  if (asked || process.stderr.isTTY !== true) writeAll(2, `${safeJson(document)}\n`);
  else
    writeAll(
      2,
      `usc: ${safeLine(document.error)}\n${document.hint === undefined || globals.quiet ? "" : `hint: ${safeLine(document.hint)}\n`}`,
    );
  return outcomes[document.code].exit;
}
