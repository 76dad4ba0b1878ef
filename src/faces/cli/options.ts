import { UscError } from "../../kernel/errors.ts";

/** A flag that a line may bear. */
export interface Option {
  /** How it is written: `-o, --output <FORMAT>`. A value in angle brackets must follow, one in square brackets may. */
  flags: string;
  take: (value: string | true) => void;
}

/**
 * Hands each option of a line what was given with it, and returns the words that belong to none. As everywhere: `--name value`, `--name=value`,
 * `-n value`, `-nvalue`, letters in a row, and nothing behind `--` is a flag. A value that may follow does not begin with a dash.
 */
export function readOptions(options: readonly Option[], argv: readonly string[], unknown: (word: string) => Error): string[] {
  const byName = new Map(options.flatMap((option) => namesIn(option.flags).map((name) => [name, option] as const)));
  const loose: string[] = [];
  const left = [...argv];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === "--") return [...loose, ...left];
    if (!isFlag(word)) {
      loose.push(word);
      continue;
    }
    const { name, rest } = split(word);
    const option = byName.get(name);
    const takes = option && (/[<[]/u.exec(option.flags)?.[0] ?? "nothing");
    if (option === undefined || (takes === "nothing" && rest !== undefined && name.startsWith("--"))) throw unknown(word);
    if (takes === "nothing") {
      option.take(true);
      if (rest !== undefined) left.unshift(`-${rest}`);
      continue;
    }
    const next = rest ?? (takes === "<" || (left[0] !== undefined && !isFlag(left[0])) ? left.shift() : undefined);
    if (next === undefined && takes === "<") {
      throw new UscError("usage", `${namesIn(option.flags).at(-1)} needs a value.`, { hint: "An empty value is written as ''." });
    }
    option.take(next ?? true);
  }
  return loose;
}

const namesIn = (flags: string): string[] => flags.split(/[ ,]+/u).filter((part) => part.startsWith("-"));

// A dash alone is a value: standard input.
const isFlag = (word: string): boolean => word.length > 1 && word.startsWith("-");

/** The flag in a word, and what stands with it: behind `=`, or behind its letter. */
function split(word: string): { name: string; rest: string | undefined } {
  const end = word.startsWith("--") ? word.indexOf("=") : 2;
  if (end < 0 || end >= word.length) return { name: word, rest: undefined };
  return { name: word.slice(0, end), rest: word.slice(word.startsWith("--") ? end + 1 : end) };
}
