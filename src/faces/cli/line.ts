import { CommanderError, Command as Parser, Option } from "commander";
import { UscError } from "../../kernel/errors.ts";
import type { Command } from "../../kernel/manifest.ts";
import { nearest } from "./find-command.ts";
import { fileFlag, flagsOf, flagText, gatewayFlagsOf, type Globals, nameIn } from "./flags.ts";

export interface Line {
  /** By field name, as typed: texts, or `true` for a bare boolean. */
  fields: Record<string, unknown>;
  /** Field name to the file that fills it. */
  files: Record<string, string>;
  /** Field of the answer to the new file that it goes to, and the flag that says so. */
  outFiles: Record<string, { path: string; flag: string }>;
  globals: Globals;
}

/** Parses a command's line. A flag's value never gets into a sentence: it may be a secret. */
export function parseLine(command: Command, argv: readonly string[]): Line {
  const parser = new Parser().exitOverride().helpOption(false);
  parser.configureOutput({ writeErr: () => {} });
  const sinks = new Map<string, (value: unknown, key: string) => void>();
  const options: Option[] = [];
  const line: Line = { fields: {}, files: {}, outFiles: {}, globals: {} };
  const add = (flags: string, many: boolean, sink: (value: unknown, key: string) => void): void => {
    // Most of a command's flags are not on its line, and each costs more to build than to look for.
    if (!isMentioned(flags, argv)) return;
    const option = new Option(flags);
    if (many) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
    parser.addOption(option);
    options.push(option);
    sinks.set(option.attributeName(), sink);
  };

  for (const field of command.fields) {
    const many = field.kind === "list" || field.kind === "pairs";
    const sink = (value: unknown): void => void (line.fields[field.name] = value);
    add(flagText(field), many, sink);
    for (const alias of new Set([field.name.replaceAll("-", "_"), ...(field.aliases ?? [])])) {
      if (alias !== field.name) add(flagText(field, alias), many, sink);
    }
    const file = fileFlag(field);
    if (file !== undefined) add(`--${file} <PATH>`, false, (value) => void (line.files[field.name] = String(value)));
    const { toFile } = field;
    if (toFile !== undefined) {
      add(`--${toFile.flag} <PATH>`, false, (path) => {
        line.fields[field.name] = true;
        line.outFiles[toFile.answer] = { path: String(path), flag: `--${toFile.flag}` };
      });
    }
  }
  // What no gateway serves takes them too, to say so.
  for (const { flags } of [...flagsOf(command), ...(command.local === true ? gatewayFlagsOf(command) : [])]) {
    add(flags, false, (value, key) => void Object.assign(line.globals, { [key]: value }));
  }

  const { operands, unknown } = parse(parser, spaced(argv, options));
  // In the first pass commander files a lone value behind an unknown flag under `unknown` as well.
  const stranger = unknown.find((word) => word.startsWith("-"));
  if (stranger !== undefined) throw unknownFlag(command, stranger);
  for (const [key, value] of Object.entries(parser.opts())) sinks.get(key)?.(value, key);
  const place = command.fields.find(
    (field) => field.positional && !(field.name in line.fields) && operands.length === 1 && unknown.length === 0,
  );
  if (place !== undefined) line.fields[place.name] = operands[0];
  else if (operands.length + unknown.length > 0) {
    throw new UscError("usage", `\`usc ${command.name}\` takes flags only, and there is a word without one.`, {
      hint: "Values with spaces need quotes.",
    });
  }
  return line;
}

// Generous: it may take a value for a flag, never miss one.
const isMentioned = (flags: string, argv: readonly string[]): boolean => {
  const names = flags.split(/[ ,]+/u).filter((part) => part.startsWith("-"));
  return argv.some((word) =>
    names.some((name) => (name.startsWith("--") ? word === name || word.startsWith(`${name}=`) : /^-[^-]/u.test(word))),
  );
};

/** `-b=true` as `-b true`: commander takes the sign for a part of the value. What stands for another flag's value stays as it is. */
function spaced(argv: readonly string[], options: readonly Option[]): string[] {
  const words: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") return [...words, ...argv.slice(at)];
    const letter = word[2] === "=" && options.some(({ short }) => short === word.slice(0, 2));
    words.push(...(letter ? [word.slice(0, 2), word.slice(3)] : [word]));
    if (options.some(({ short, long, required }) => required && (word === short || word === long))) words.push(...argv.slice(++at, at + 1));
  }
  return words;
}

function parse(parser: Parser, argv: readonly string[]): { operands: string[]; unknown: string[] } {
  try {
    return parser.parseOptions([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError) || error.code !== "commander.optionMissingArgument") throw error;
    const flag = /--[\w-]+/u.exec(error.message)?.[0] ?? "A flag";
    throw new UscError("usage", `${flag} needs a value.`, { hint: "An empty value is written as ''." });
  }
}

function unknownFlag(command: Command, word: string): UscError {
  const flag = /^(--[\w-]*|-\w?)/u.exec(word)?.[0] ?? "-";
  const known = [
    ...command.fields.flatMap((field) => [field.name, fileFlag(field) ?? field.name, field.toFile?.flag ?? field.name]),
    ...flagsOf(command).map(({ flags }) => nameIn(flags)),
  ];
  const [near] = nearest(flag.replace(/^-+/u, ""), known);
  return new UscError("usage", `\`usc ${command.name}\` has no flag ${flag}.`, {
    hint: near === undefined ? `\`usc ${command.name} --help\` lists its flags.` : `Did you mean --${near}?`,
  });
}
