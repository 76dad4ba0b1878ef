import { userInfo } from "node:os";
import type { Ledger } from "../../kernel/audit.ts";
import { errorDocument, outcomes, UscError } from "../../kernel/errors.ts";
import type { Catalogue, Command } from "../../kernel/manifest.ts";
import { invoke, type Operation, operationNamed } from "../../kernel/operation.ts";
import type { LongLived } from "./completion.ts";
import { findCommand } from "./find-command.ts";
import { commandFirst, type Globals, isOn } from "./flags.ts";
import { gather, isAskedFor } from "./gather.ts";
import { parseLine } from "./line.ts";
import { type Meant, meantBy } from "./meant.ts";
import { readerLeft, safeJson, safeLine, writeAll } from "./print.ts";
import { formatOf, showAnswer } from "./show.ts";

export interface CliOptions {
  argv: readonly string[];
  catalogue: Catalogue;
  /** Processes beside the operations, for the overview. */
  processes: readonly LongLived[];
  openRoom: (room: string, ears: Ears) => Promise<{ operations: readonly Operation[]; ledger: Ledger }>;
  /** The same commands, run at a gateway. */
  openGateway: (meant: Meant, ears: Ears) => Promise<(command: Command, input: Input) => Promise<Answer>>;
  environment: Readonly<Record<string, string | undefined>>;
}

type Input = Readonly<Record<string, unknown>>;
type Answer = Record<string, unknown>;
type OnRows = (rows: readonly unknown[]) => void;

/** What a person hears on stderr while a command runs. */
interface Ears {
  onCall: ((call: CallTold) => void) | undefined;
  tell: (doing: string) => void;
  warn: (sentence: string) => void;
  ask: (question: string) => Promise<boolean>;
  /** Whether `ask` asks somebody. */
  isAsked: () => boolean;
}

interface CallTold {
  method: string;
  url: string;
  status?: number;
  ms: number;
  requestId?: string;
}

/** One command from its line to its exit code. */
export async function runCli(options: CliOptions): Promise<number> {
  const { argv, catalogue, processes } = options;
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
    const programs = processes.map(({ name }) => name);
    const { command, rest } = findCommand(catalogue, argv[0]?.startsWith("-") === true ? commandFirst(argv) : argv, programs);
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
    const meant = meantBy(command, globals, options.environment);
    const isProfiles = command.fromProfile === true && meant?.profile !== undefined;
    const input = await gather(command, line, !isProfiles && askable(command, line.fields));
    const onRows: OnRows | undefined = format === "ndjson" && command.stream !== undefined ? printRows : undefined;
    const answer = await (meant === undefined ? here : there(meant))(options, command, input, earsOf(globals), onRows);
    if (onRows === undefined) await show(answer);
    return 0;
  } catch (error) {
    if (error instanceof UscError && error.details.answer) {
      // Whatever becomes of the answer: the failure and its exit stand.
      await show?.(error.details.answer).catch((untold: unknown) => report(untold, globals));
    }
    return report(error, globals);
  }
}

type Run = (options: CliOptions, command: Command, input: Input, ears: Ears, onRows: OnRows | undefined) => Promise<Answer>;

const here: Run = async ({ openRoom }, command, input, ears, onRows) => {
  const { operations, ledger } = await openRoom(command.room, ears);
  const witness = { ...ledger, caller, warn: ears.warn };
  return invoke(operationNamed(command.name, operations), input, witness, { onRows, declaration: command });
};

/** A gateway answers whole: its rows come at once. */
const there =
  (meant: Meant): Run =>
  async ({ openGateway }, command, input, ears, onRows) => {
    const answer = await (await openGateway(meant, ears))(command, input);
    const rows = answer[command.stream ?? ""];
    if (Array.isArray(rows)) onRows?.(rows);
    return answer;
  };

const printRows: OnRows = (rows) => writeAll(1, rows.map((row) => `${safeJson(row)}\n`).join(""));

/** Asking costs loading the terminal's code: only where something secret is missing. */
function askable(command: Command, given: Record<string, unknown>): boolean {
  return command.fields.some((field) => isAskedFor(field, given)) && process.stdin.isTTY === true && process.stderr.isTTY === true;
}

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
  // At a terminal only: a script has said what it wants.
  const isAsked = (): boolean => !isOn(yes) && input !== false && process.stdin.isTTY === true && process.stderr.isTTY === true;
  return {
    onCall: isOn(verbose) ? tellCall : undefined,
    tell: (doing) => {
      if (!isOn(quiet) && process.stderr.isTTY === true) say(`${doing} ...`);
    },
    warn: (sentence) => {
      if (!isOn(quiet)) say(sentence);
    },
    isAsked,
    ask: async (question) => !isAsked() || (await import("./prompt.ts")).askYes(safeLine(question)),
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
