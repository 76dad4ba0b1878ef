import { parseArgs } from "node:util";
import * as z from "zod/mini";
import { findProgram } from "../adapters/azure/find-program.ts";
import { openRoom } from "../app.ts";
import { safeLine, writeAll } from "../faces/cli/print.ts";
import { caller, report } from "../faces/cli/run.ts";
import { type Entry, refuseNul } from "../features/transfer/entry.ts";
import { masksOf, shortestMask } from "../features/transfer/pipelines.ts";
import { variablesOf } from "../features/transfer/variable-name.ts";
import { systemClock } from "../kernel/clock.ts";
import { UscError } from "../kernel/errors.ts";
import { invoke } from "../kernel/operation.ts";
import { present } from "../kernel/present.ts";
import { stepsOf } from "../kernel/steps.ts";
import { noSuchProgram, notRunnable, runProgram } from "./child.ts";
import { masker } from "./masker.ts";

export const help = `  usc run --usc-name /prod/kv --map DB=db-password -- ./server --port 8080

Runs a program with secrets in its environment, and masks them in what it prints. Its standard input, exit code and signals are the
program's own. It gets our environment without USC_*. There is no shell; a program is looked for in absolute folders of PATH.
127: there is no such program; 126: it cannot be run.

Flags:
  -n, --usc-name <NAME>        Connector to work through (required)
  -m, --map <VARIABLE=SECRET>  Secret for a variable: NAME[#json.path][/VERSION]; may be repeated
  --all                        All enabled secrets of the vault: db-password is DB_PASSWORD. --map goes before
  --search <TEXT>              With --all: part of the name
  --timeout <SECONDS>          Until reading the secrets gives up
  -h, --help                   Show this help

Values and lines under ${shortestMask} characters are not masked. The program sees that its output is no terminal.
`;

/** `usc run`: the exit code is the program's. */
export async function run(argv: readonly string[], home: string): Promise<number> {
  const end = argv.indexOf("--");
  const flags = parse(end < 0 ? argv : argv.slice(0, end));
  if (flags.help === true) {
    writeAll(1, help);
    return 0;
  }
  const words = end < 0 ? [] : argv.slice(end + 1);
  const [command = ""] = words;
  if (command === "") throw new UscError("usage", "There is no program to run.", { hint: "It stands behind `--`, with its own flags." });
  const file = findProgram(command, process.env["PATH"]);
  if (file === undefined) {
    report(new UscError("not_found", "There is no such program in the absolute folders of PATH.", { hint: "Give its path." }));
    return noSuchProgram;
  }
  const secrets = await secretsOf(flags, home);
  const values = [...secrets.values()];
  values.forEach(refuseNul);
  tellWhatIsNot(secrets);
  const texts = values.flatMap(({ value }) => [...([...value].length < shortestMask ? [] : [value]), ...masksOf(value).masks]);
  const environment = { ...withoutOurs(process.env), ...Object.fromEntries([...secrets].map(([name, { value }]) => [name, value])) };
  return runProgram({ file, words, environment, masker: () => masker(texts) }).catch((error: unknown) => {
    report(error);
    return notRunnable;
  });
}

/** By the name of the variable. */
async function secretsOf(flags: ReturnType<typeof parse>, home: string): Promise<Map<string, Entry>> {
  const maps = (flags.map ?? []).map(mapOf);
  if (maps.length === 0 && flags.all !== true)
    throw new UscError("usage", "There is no secret to run with.", { hint: "Give --map VARIABLE=SECRET, or --all." });
  const twice = maps.find(({ variable }, index) => maps.findIndex((map) => map.variable === variable) < index);
  if (twice !== undefined) throw new UscError("usage", `--map names ${twice.variable} twice.`);
  const read = await reader(home, { "usc-name": flags["usc-name"], timeout: flags.timeout });
  const secrets = new Map<string, Entry>();
  if (flags.all === true) {
    const { secrets: rows } = z.parse(Rows, await read("get-all", present({ search: flags.search })));
    const variables = variablesOf(rows.map(({ name }) => name));
    for (const row of rows) secrets.set(variables.get(row.name) ?? "", entryOf(row));
  }
  for (const { variable, reference } of maps) secrets.set(variable, entryOf(z.parse(Row, await read("get", { "secret-id": reference }))));
  return secrets;
}

/** What both readers answer of a secret. */
const Row = z.object({ name: z.string(), value: z.string(), binary_value: z.boolean() });
const Rows = z.object({ secrets: z.array(Row) });

const entryOf = ({ name, value, binary_value: binary }: z.infer<typeof Row>): Entry => ({
  name,
  value: binary ? value : Buffer.from(value, "base64").toString("utf8"),
  binary,
});

/** Reads as every face does: each read passes the doors of its operation and is audited, as one of `run`. */
async function reader(home: string, common: Record<string, unknown>) {
  const warn = (sentence: string): void => writeAll(2, `usc: ${safeLine(sentence)}\n`);
  const stop = { signal: new AbortController().signal, hold: () => {} };
  const steps = stepsOf({ clock: systemClock, stop, tell: () => {}, warn, ask: async () => true });
  const { operations, ledger } = await openRoom("objects", { home, environment: process.env, steps });
  return async (name: string, input: Record<string, unknown>): Promise<Record<string, unknown>> => {
    const operation = operations.find((candidate) => candidate.name === name);
    if (operation === undefined) throw new TypeError(`${name}: no such operation`);
    return invoke({ ...operation, name: "run" }, { ...common, ...input }, { ...ledger, caller, warn });
  };
}

function mapOf(text: string): { variable: string; reference: string } {
  const [, variable = "", reference = ""] = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/su.exec(text) ?? [];
  if (variable === "") throw new UscError("usage", "--map is not valid: expected VARIABLE=SECRET.", { hint: "Such as DB=db-password." });
  return { variable, reference };
}

function tellWhatIsNot(secrets: ReadonlyMap<string, Entry>): void {
  const tell = (sentence: string, names: readonly string[]): void => {
    if (names.length > 0) writeAll(2, `usc: ${sentence}: ${names.join(", ")}.\n`);
  };
  const named = (wanted: (entry: Entry) => boolean): string[] =>
    [...secrets].flatMap(([variable, entry]) => (wanted(entry) ? [variable] : []));
  tell(
    "Binary, so the variable holds base64",
    named(({ binary }) => binary),
  );
  tell(
    `Not masked, since values and lines under ${shortestMask} characters are not`,
    named(({ value }) => masksOf(value).short),
  );
}

/** What is ours is no business of the child: where the state lies, and what opens it. */
const withoutOurs = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined || /^USC_/iu.test(name) ? [] : [[name, value]])),
  );

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        "usc-name": { type: "string", short: "n" },
        map: { type: "string", multiple: true, short: "m" },
        all: { type: "boolean" },
        search: { type: "string" },
        timeout: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch {
    throw new UscError("usage", "`usc run` does not take these flags.", {
      hint: "`usc run --help` lists them; the program stands behind `--`.",
    });
  }
}
