import { parseArgs } from "node:util";
import * as z from "zod/mini";
import { findProgram } from "../adapters/azure/find-program.ts";
import { gatewayFlags, type Globals } from "../faces/cli/flags.ts";
import { writeAll } from "../faces/cli/print.ts";
import { report } from "../faces/cli/report.ts";
import { type Entry, refuseNul } from "../features/transfer/entry.ts";
import { masksOf, shortestMask } from "../features/transfer/pipelines.ts";
import { variablesOf } from "../features/transfer/variable-name.ts";
import { UscError } from "../kernel/errors.ts";
import { present } from "../kernel/present.ts";
import { noSuchProgram, notRunnable, runProgram } from "./child.ts";
import type { Made } from "./made.ts";
import { masker } from "./masker.ts";
import { reader } from "./run-reader.ts";

export const help = `  usc run --usc-name /prod/kv --map DB=db-password -- ./server --port 8080

Runs a program with secrets in its environment, and masks them in what it prints. Its standard input, exit code and signals are the
program's own. It gets our environment without USC_*. There is no shell; a program is looked for in absolute folders of PATH.
127: there is no such program; 126: it cannot be run. Through a gateway the secrets are read there, and the program runs here.

Flags:
  -n, --usc-name <NAME>        Connector to work through (required)
  -m, --map <VARIABLE=SECRET>  Secret for a variable: NAME[#json.path][/VERSION]; may be repeated
  --all                        All enabled secrets of the vault: db-password is DB_PASSWORD. --map goes before
  --search <TEXT>              With --all: part of the name
  --timeout <SECONDS>          Until reading the secrets gives up
${gatewayFlags.map(({ flags, summary }) => `  ${flags.padEnd(27)}  ${summary}`).join("\n")}
  -h, --help                   Show this help

Values and lines under ${shortestMask} characters are not masked. The program sees that its output is no terminal.
`;

/** `usc run`: the exit code is the program's. */
export async function run(argv: readonly string[], home: string, { manifest }: Pick<Made, "manifest">): Promise<number> {
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
  const secrets = await secretsOf(flags, home, manifest);
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
async function secretsOf(flags: ReturnType<typeof parse>, home: string, manifest: Made["manifest"]): Promise<Map<string, Entry>> {
  const maps = (flags.map ?? []).map(mapOf);
  if (maps.length === 0 && flags.all !== true)
    throw new UscError("usage", "There is no secret to run with.", { hint: "Give --map VARIABLE=SECRET, or --all." });
  const twice = maps.find(({ variable }, index) => maps.findIndex((map) => map.variable === variable) < index);
  if (twice !== undefined) throw new UscError("usage", `--map names ${twice.variable} twice.`);
  const common = present({ "usc-name": flags["usc-name"], timeout: flags.timeout });
  const read = await reader(home, manifest, gatewayOf(flags));
  const secrets = new Map<string, Entry>();
  if (flags.all === true) {
    const { secrets: rows } = z.parse(Rows, await read("get-all", { ...common, ...present({ search: flags.search }) }));
    const variables = variablesOf(rows.map(({ name }) => name));
    for (const row of rows) secrets.set(variables.get(row.name) ?? "", entryOf(row));
  }
  for (const { variable, reference } of maps)
    secrets.set(variable, entryOf(z.parse(Row, await read("get", { ...common, "secret-id": reference }))));
  return secrets;
}

const gatewayOf = (flags: ReturnType<typeof parse>): Globals =>
  present({
    gatewayUrl: flags["gateway-url"],
    profile: flags.profile,
    token: flags.token,
    tokenFile: flags["token-file"],
    insecureGateway: flags["insecure-gateway"],
  });

/** What both readers answer of a secret. */
const Row = z.object({ name: z.string(), value: z.string(), binary_value: z.boolean() });
const Rows = z.object({ secrets: z.array(Row) });

const entryOf = ({ name, value, binary_value: binary }: z.infer<typeof Row>): Entry => ({
  name,
  value: binary ? value : Buffer.from(value, "base64").toString("utf8"),
  binary,
});

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
        "gateway-url": { type: "string", short: "u" },
        profile: { type: "string" },
        token: { type: "string" },
        "token-file": { type: "string" },
        "insecure-gateway": { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch {
    throw new UscError("usage", "`usc run` does not take these flags.", {
      hint: "`usc run --help` lists them; the program stands behind `--`.",
    });
  }
}
