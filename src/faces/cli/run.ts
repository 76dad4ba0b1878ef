import { userInfo } from "node:os";
import type { Ledger } from "../../kernel/audit.ts";
import { outcomes, UscError } from "../../kernel/errors.ts";
import type { Catalogue, Command } from "../../kernel/manifest.ts";
import { invoke, type Operation, operationNamed } from "../../kernel/operation.ts";
import type { LongLived } from "./completion.ts";
import { type Ears, earsOf, isTerminal } from "./ears.ts";
import { findCommand } from "./find-command.ts";
import { commandFirst, type Globals, isOn } from "./flags.ts";
import { gather, isAskedFor } from "./gather.ts";
import { parseLine } from "./line.ts";
import { type Meant, meantBy } from "./meant.ts";
import { safeJson, writeAll } from "./print.ts";
import { report } from "./report.ts";
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

/** One command from its line to its exit code. */
export async function runCli(options: CliOptions): Promise<number> {
  const { argv, catalogue } = options;
  let globals: Globals = {};
  let show: ((answer: Record<string, unknown>) => Promise<void>) | undefined;
  try {
    const told = await tellOfAll(options);
    if (told !== undefined) return told;
    const programs = options.processes.map(({ name }) => name);
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
    show = (shown) => showAnswer(command, printedOf(command, shown), format, line);
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

/** What is said of all commands, and its exit; undefined where the line asks for one of them. */
async function tellOfAll({ argv, catalogue, processes }: CliOptions): Promise<number | undefined> {
  const [word = "help"] = argv;
  if (word === "help" || word === "--help" || word === "-h") {
    const { overview } = await import("./help.ts");
    writeAll(1, overview(catalogue.all(), processes));
    return argv.length === 0 ? outcomes.usage.exit : 0;
  }
  if (word !== "completion") return undefined;
  const { completion } = await import("./completion.ts");
  writeAll(1, await completion(argv.slice(1), catalogue.all(), processes));
  return 0;
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

const printedOf = ({ printed }: Command, answer: Answer): Answer =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an object, by the operation's own output
  printed === undefined ? answer : (answer[printed] as Answer);

const printRows: OnRows = (rows) => writeAll(1, rows.map((row) => `${safeJson(row)}\n`).join(""));

/** Asking costs loading the terminal's code: only where something secret is missing. */
function askable(command: Command, given: Record<string, unknown>): boolean {
  return command.fields.some((field) => isAskedFor(field, given)) && isTerminal();
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
