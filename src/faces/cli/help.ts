import type { Command, Manifest } from "../../kernel/manifest.ts";
import { fileFlag, flagsOf, flagText } from "./flags.ts";

/** Help begins with a line that can be typed. */
export function commandHelp(command: Command): string {
  const fields = command.fields.flatMap((field) => {
    const file = fileFlag(field);
    const summary = field.required ? `${field.summary} (required)` : field.summary;
    return [
      [flagText(field), summary],
      ...(file === undefined ? [] : [[`--${file} <PATH|->`, `The same from a file, bytes exact; - is standard input`]]),
      ...(field.toFile === undefined ? [] : [[`--${field.toFile.flag} <PATH>`, "The same, and write it to a new file, mode 0600"]]),
    ];
  });
  const globals = flagsOf(command).map(({ flags, summary }) => [flags, summary]);
  return [
    `  usc ${command.example}`,
    "",
    `${command.summary}.`,
    ...(command.notes === undefined ? [] : [command.notes]),
    ...(command.aliases.length > 0 ? [`Also: ${command.aliases.map((alias) => `usc ${alias}`).join(", ")}.`] : []),
    "",
    ...(fields.length > 0 ? ["Flags:", ...columns(fields), ""] : []),
    "Flags of every command:",
    ...columns(globals),
    "",
  ].join("\n");
}

const completion = { name: "completion", summary: "Makes bash, zsh, fish or pwsh complete commands and flags" };

export function overview(manifest: Manifest, processes: readonly { name: string; summary: string }[]): string {
  return [
    "  usc demo",
    "",
    "usc connects stored Azure identities to Azure Key Vaults.",
    "",
    ...columns([...processes, completion, ...manifest].map(({ name, summary }) => [`usc ${name}`, summary])),
    "",
    "`usc COMMAND --help` tells more. Exit codes: 0 ok, 1 a bug of ours, 2 usage, 3 not found, 4 conflict, 5 unauthenticated, 6 forbidden, 7 unavailable, 8 unsupported, 9 partial, 10 something was found.",
    "",
  ].join("\n");
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([left = ""]) => left.length));
  return rows.map(([left = "", right = ""]) => `  ${left.padEnd(width)}  ${right}`);
}
