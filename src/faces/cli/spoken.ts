import type { Command } from "../../kernel/manifest.ts";
import { fileFlag, flagsOf, flagText } from "./flags.ts";
import { formats } from "./print.ts";

/** One command as shells complete it. */
export interface Spoken {
  /** Its words, then its other names. */
  names: readonly string[];
  summary: string;
  flags: readonly FlagWords[];
}

export interface FlagWords {
  /** `--format`, then `-f`. */
  names: readonly string[];
  /** What follows: nothing, any text, a file, or one of these words. */
  value: "none" | "any" | "file" | readonly string[];
  summary: string;
}

export function spokenOf(command: Command): Spoken {
  const fields = command.fields.flatMap((field): FlagWords[] => {
    const { summary } = field;
    const file = fileFlag(field);
    const value = field.kind === "flag" ? "none" : (field.choices ?? "any");
    return [
      { names: namesIn(flagText(field)), value, summary },
      ...(file === undefined ? [] : [{ names: [`--${file}`], value: "file" as const, summary: `${summary}, from a file` }]),
      ...(field.toFile === undefined
        ? []
        : [{ names: [`--${field.toFile.flag}`], value: "file" as const, summary: `${summary}, in a new file` }]),
    ];
  });
  const words = [...formats, ...(command.raw?.forms?.of ?? [])];
  const globals = flagsOf(command).map(({ flags, summary }) => written(flags, summary, words));
  return { names: [command.name, ...command.aliases], summary: command.summary, flags: [...fields, ...globals] };
}

/** A flag from how it is written: `-o, --output <FORMAT>`. */
function written(flags: string, summary: string, words: readonly string[] = formats): FlagWords {
  const [, placeholder] = /<([^>]+)>/u.exec(flags) ?? [];
  const value = placeholder === undefined ? "none" : placeholder === "FORMAT" ? words : /PATH|FILE|DIR/u.test(placeholder) ? "file" : "any";
  return { names: namesIn(flags), value, summary };
}

const namesIn = (flags: string): string[] =>
  (flags.match(/--?[\w-]+/gu) ?? []).sort((a, b) => b.length - a.length).filter((name) => /^--?\w/u.test(name));

/** The flags that a help text lists. */
export const flagsIn = (help: string): FlagWords[] =>
  [...help.matchAll(/^ {2}((?:-\w, )?--[\w-]+(?: <[^>]+>)?) {2,}(\S.*)$/gmu)].map(([, flags = "", summary = ""]) =>
    written(flags, summary),
  );

/** Every word that can come behind some others, with the others: `target create` may be followed by `azure`. */
export function nextWords(spoken: readonly Spoken[]): Map<string, Map<string, string>> {
  const next = new Map<string, Map<string, string>>();
  for (const { names, summary } of spoken) {
    const words = (names[0] ?? "").split(" ");
    for (const [index, word] of words.entries()) {
      const before = words.slice(0, index).join(" ");
      const known = next.get(before) ?? new Map<string, string>();
      if (index === words.length - 1 || !known.has(word)) known.set(word, index === words.length - 1 ? summary : `${word} ...`);
      next.set(before, known);
    }
  }
  return next;
}
