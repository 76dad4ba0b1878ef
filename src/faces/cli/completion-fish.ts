import { type FlagWords, nextWords, type Spoken } from "./spoken.ts";

export function fish(spoken: readonly Spoken[]): string {
  const words = [...nextWords(spoken)].flatMap(([before, known]) =>
    [...known].map(
      ([word, summary]) => `complete -c usc -f -n ${quoted(`__usc_at ${quoted(before)}`)} -a ${quoted(word)} -d ${quoted(summary)}`,
    ),
  );
  const flags = spoken.flatMap((command) => {
    const at = quoted(`__usc_at ${command.names.map(quoted).join(" ")}`);
    return command.flags.map((flag) => `complete -c usc -n ${at} ${flagOf(flag)} -d ${quoted(flag.summary)}`);
  });
  return `# usc in fish. usc completion fish > ~/.config/fish/completions/usc.fish
function __usc_at
    set -l said
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and break
        test "$word" = usc; and test -z "$said"; and continue
        set -a said $word
    end
    contains -- "$said" $argv
end
${[...words, ...flags].join("\n")}
`;
}

function flagOf({ names, value }: FlagWords): string {
  const spelled = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(" ");
  if (value === "none") return `-f ${spelled}`;
  if (value === "file") return `${spelled} -r -F`;
  return value === "any" ? `${spelled} -x` : `${spelled} -x -a ${quoted(value.join(" "))}`;
}

const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
