import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe } from "../src/describe.ts";
import { fileFlag, flagText } from "../src/faces/cli/flags.ts";
import type { Command } from "../src/kernel/manifest.ts";

// Writes docs/reference.md from the operations; with --check it only says whether the page is up to date.
const page = new URL("../docs/reference.md", import.meta.url);

const section = (command: Command): string => `## usc ${command.name}

${command.summary}.${command.notes === undefined ? "" : ` ${command.notes}`}

\`\`\`
usc ${command.example}
\`\`\`

Route: \`POST /${command.route}\` · effect: ${command.effect}${command.aliases.length > 0 ? ` · also: ${command.aliases.map((alias) => `\`usc ${alias}\``).join(", ")}` : ""}

${command.fields.length === 0 ? "It takes no flags of its own." : `| flag | |\n|---|---|\n${command.fields.map(row).join("\n")}`}
`;

const row = (field: Command["fields"][number]): string => {
  const file = fileFlag(field);
  const notes = [
    field.required ? "required" : "",
    file === undefined ? "" : `also \`--${file} PATH\\|-\``,
    field.toFile === undefined ? "" : `\`--${field.toFile.flag} PATH\` writes it to a new file`,
  ]
    .filter(Boolean)
    .join("; ");
  return `| \`${flagText(field).replaceAll("|", "\\|")}\` | ${field.summary}${notes === "" ? "" : ` (${notes})`} |`;
};

const text = `# Command reference

Made from the operations by \`npm run docs\`: do not edit.

${(await describe()).map(section).join("\n")}`;

if (process.argv.includes("--check")) {
  if (readFileSync(page, "utf8") !== text) {
    console.error("docs/reference.md is out of date: run `npm run docs` and commit it.");
    process.exit(1);
  }
} else {
  mkdirSync(new URL(".", page), { recursive: true });
  writeFileSync(page, text);
}
