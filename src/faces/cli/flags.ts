import { UscError } from "../../kernel/errors.ts";
import type { Field } from "../../kernel/fields.ts";
import type { Command } from "../../kernel/manifest.ts";
import { nearest } from "./find-command.ts";
import { type Option, readOptions } from "./options.ts";

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
}

export interface Line {
  /** By field name, as typed: texts, or `true` for a bare boolean. */
  fields: Record<string, unknown>;
  /** Field name to the file that fills it. */
  files: Record<string, string>;
  /** Field of the answer to the new file that it goes to, and the flag that says so. */
  outFiles: Record<string, { path: string; flag: string }>;
  globals: Globals;
}

const outputFlag = { flags: "-o, --output <FORMAT>", summary: "json (default), table, yaml, raw or ndjson" };

const globalFlags: readonly { flags: string; summary: string }[] = [
  { flags: "--json [BOOL]", summary: "The same as -o json" },
  { flags: "--verbose [BOOL]", summary: "Tell each request on stderr: method, URL, status, ms and request id" },
  { flags: "--quiet [BOOL]", summary: "No progress and no hints on stderr" },
  { flags: "--no-input", summary: "Never ask on the terminal" },
  { flags: "-h, --help", summary: "Show this help" },
];

const outFlag = { flags: "--out-file <PATH>", summary: "Write the exact bytes to a new file, mode 0600" };
const forceFlag = { flags: "--force [BOOL]", summary: "Let a new file replace one" };

/** Flags that only some commands have, by what the command declares. */
export const flagsOf = (command: Command): readonly { flags: string; summary: string }[] => [
  ...(command.raw || command.text ? [outFlag] : []),
  ...(command.raw || command.text || command.fields.some((field) => field.toFile) ? [forceFlag] : []),
  ...(command.asks ? [{ flags: "-y, --yes [BOOL]", summary: "Do not ask on a terminal" }] : []),
  ...(command.steps ? [{ flags: "--junit <PATH>", summary: "Also write the steps to this file as JUnit XML" }] : []),
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

/** Parses a command's line. A flag's value never gets into a sentence: it may be a secret. */
export function parseLine(command: Command, argv: readonly string[]): Line {
  const line: Line = { fields: {}, files: {}, outFiles: {}, globals: {} };
  const options = [...command.fields.flatMap((field) => fieldOptions(field, line)), ...globalOptions(command, line)];
  const words = readOptions(options, argv, (word) => unknownFlag(command, word));
  const place = command.fields.find((field) => field.positional && !(field.name in line.fields) && words.length === 1);
  if (place !== undefined) line.fields[place.name] = words[0];
  else if (words.length > 0) {
    throw new UscError("usage", `\`usc ${command.name}\` takes flags only, and there is a word without one.`, {
      hint: "Values with spaces need quotes.",
    });
  }
  return line;
}

function fieldOptions(field: Field, { fields, files, outFiles }: Line): Option[] {
  const { name, toFile } = field;
  const given: (string | true)[] = [];
  const take = (value: string | true): void => {
    given.push(value);
    fields[name] = field.kind === "list" || field.kind === "pairs" ? given : value;
  };
  const aliases = [name.replaceAll("-", "_"), ...(field.aliases ?? [])].filter((alias) => alias !== name);
  const options = [flagText(field), ...aliases.map((alias) => flagText(field, alias))].map((flags): Option => ({ flags, take }));
  const file = fileFlag(field);
  if (file !== undefined) options.push({ flags: `--${file} <PATH>`, take: (path) => void (files[name] = String(path)) });
  if (toFile !== undefined) {
    const takePath = (path: string | true): void => {
      fields[name] = true;
      outFiles[toFile.answer] = { path: String(path), flag: `--${toFile.flag}` };
    };
    options.push({ flags: `--${toFile.flag} <PATH>`, take: takePath });
  }
  return options;
}

const globalOptions = (command: Command, { globals }: Line): Option[] =>
  flagsOf(command).map(({ flags }) => {
    const [, not, name = ""] = /--(no-)?([\w-]+)/u.exec(flags) ?? [];
    const key = name.replaceAll(/-(\w)/gu, (_, letter: string) => letter.toUpperCase());
    return { flags, take: (value) => void Object.assign(globals, { [key]: not === undefined && value }) };
  });

function unknownFlag(command: Command, word: string): UscError {
  const flag = /^(--[\w-]*|-\w?)/u.exec(word)?.[0] ?? "-";
  const known = [
    ...command.fields.flatMap((field) => [field.name, fileFlag(field) ?? field.name, field.toFile?.flag ?? field.name]),
    "output",
    "json",
    "verbose",
    "quiet",
    "no-input",
    "help",
  ];
  const [near] = nearest(flag.replace(/^-+/u, ""), known);
  return new UscError("usage", `\`usc ${command.name}\` has no flag ${flag}.`, {
    hint: near === undefined ? `\`usc ${command.name} --help\` lists its flags.` : `Did you mean --${near}?`,
  });
}
