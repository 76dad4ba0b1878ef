import { UscError } from "../../kernel/errors.ts";
import type { Field } from "../../kernel/fields.ts";
import type { Command } from "../../kernel/manifest.ts";

/** How to print and how to behave: flags of every command. */
export interface Globals {
  output?: string;
  json?: string | boolean;
  verbose?: string | boolean;
  quiet?: string | boolean;
  input?: boolean;
  help?: boolean;
  outFile?: string;
  force?: string | boolean;
  yes?: string | boolean;
  junit?: string;
  gatewayUrl?: string;
  profile?: string;
  token?: string;
  tokenFile?: string;
  insecureGateway?: string | boolean;
}

export const isOn = (given: string | boolean | undefined): boolean => {
  if (typeof given === "string" && given !== "true" && given !== "false")
    throw new UscError("usage", "A boolean flag takes true or false.");
  return given === true || given === "true";
};

const outputFlag = { flags: "-o, --output <FORMAT>", summary: "json (default), table, yaml, raw or ndjson" };

const globalFlags: readonly { flags: string; summary: string }[] = [
  { flags: "--json [BOOL]", summary: "The same as -o json" },
  { flags: "--verbose [BOOL]", summary: "Tell each request on stderr: method, URL, status, ms and request id" },
  { flags: "--quiet [BOOL]", summary: "No progress and no hints on stderr" },
  { flags: "--no-input", summary: "Never ask on the terminal" },
  { flags: "-h, --help", summary: "Show this help" },
];

/** Where it runs, and as whom: each also as USC_GATEWAY_URL, USC_PROFILE, USC_TOKEN, USC_INSECURE_GATEWAY. */
export const gatewayFlags: typeof globalFlags = [
  { flags: "-u, --gateway-url <URL>", summary: "Run it at this gateway (also USC_GATEWAY_URL); '' runs it here" },
  { flags: "--profile <NAME>", summary: "Run it at a gateway of `usc configure` (also USC_PROFILE)" },
  { flags: "--token <TEXT>", summary: "Token of the gateway, in place of a profile's (also USC_TOKEN)" },
  { flags: "--token-file <PATH>", summary: "The same from a file; - is standard input" },
  { flags: "--insecure-gateway [BOOL]", summary: "Let the gateway be another machine without TLS" },
];

/** `usc --profile work list` is `usc list --profile work`: what every command takes may stand before its words. */
export function commandFirst(argv: readonly string[]): readonly string[] {
  let at = 0;
  for (let word = argv[0]; word?.startsWith("-") === true; word = argv[at]) {
    const [name] = word.split("=", 1);
    const flag = [outputFlag, ...globalFlags, ...gatewayFlags].find(({ flags }) => flags.split(/[ ,]+/u).includes(name ?? ""));
    if (flag === undefined) break;
    at += 1;
    const given = !word.includes("=") && (flag.flags.endsWith(">") || (flag.flags.endsWith("]") && /^(true|false)$/u.test(argv[at] ?? "")));
    if (given) at += 1;
  }
  return [...argv.slice(at), ...argv.slice(0, at)];
}

const outFlag = { flags: "--out-file <PATH>", summary: "Write the exact bytes to a new file, mode 0600" };
const forceFlag = { flags: "--force [BOOL]", summary: "Let a new file replace one" };

/** `output` of `-o, --output <FORMAT>`. */
export const nameIn = (flags: string): string => /--([\w-]+)/u.exec(flags)?.[1] ?? "";

/** A field of the command goes before a flag of that name. */
export const gatewayFlagsOf = ({ fields }: Command): typeof globalFlags =>
  gatewayFlags.filter(({ flags }) => !fields.some((field) => [field.name, fileFlag(field)].includes(nameIn(flags))));

/** Flags that only some commands have, by what the command declares. */
export const flagsOf = (command: Command): readonly { flags: string; summary: string }[] => [
  ...(command.raw || command.text ? [outFlag] : []),
  ...(command.raw || command.text || command.fields.some((field) => field.toFile) ? [forceFlag] : []),
  ...(command.asks ? [{ flags: "-y, --yes [BOOL]", summary: "Do not ask on a terminal" }] : []),
  ...(command.steps ? [{ flags: "--junit <PATH>", summary: "Also write the steps to this file as JUnit XML" }] : []),
  ...(command.local === true ? [] : gatewayFlagsOf(command)),
  ...(command.raw?.forms ? [{ ...outputFlag, summary: `${outputFlag.summary}, ${command.raw.forms.of.join(", ")}` }] : [outputFlag]),
  ...globalFlags,
];

/** The flag that reads a field from a file. */
export const fileFlag = (field: Field): string | undefined => field.fromFile ?? (field.secret ? `${field.name}-file` : undefined);

/** How the flag is written; `alias` is another name for it, without its letter. */
export function flagText(field: Field, alias?: string): string {
  const long = `--${alias ?? field.name}`;
  const dashes = field.short === undefined || alias !== undefined ? long : `-${field.short}, ${long}`;
  if (field.kind === "flag") return `${dashes} [BOOL]`;
  const placeholder = field.placeholder ?? field.choices?.join("|") ?? (field.kind === "count" ? "N" : "TEXT");
  return `${dashes} <${placeholder}>`;
}
