import { UscError } from "../../kernel/errors.ts";
import type { Command } from "../../kernel/manifest.ts";
import { type Globals, isOn } from "./flags.ts";
import type { Line } from "./line.ts";
import { bytesOf, type Format, formats, printAnswer, textIn, writeAll } from "./print.ts";

export async function showAnswer(
  command: Command,
  answer: Record<string, unknown>,
  format: Format,
  { globals, outFiles }: Line,
): Promise<void> {
  await writeAnswer(command, answer, format, globals);
  for (const [field, { path, flag }] of Object.entries(outFiles)) {
    (await import("./out-file.ts")).writeOutFile(path, Buffer.from(textIn(answer, field)), isOn(globals.force), flag);
  }
  if (command.steps === undefined || globals.junit === undefined) return;
  const { junit } = await import("./junit.ts");
  const { writeOutFile } = await import("./out-file.ts");
  writeOutFile(globals.junit, Buffer.from(junit(`usc ${command.name}`, answer[command.steps])), true, "--junit");
}

async function writeAnswer(command: Command, answer: Record<string, unknown>, format: Format, globals: Globals): Promise<void> {
  const asked = globals.outFile !== undefined || format === "raw";
  if (command.text && asked && command.text.log !== undefined) writeAll(2, textIn(answer, command.text.log));
  const bytes = asked ? bytesOf(command, answer) : undefined;
  if (bytes === undefined) return printAnswer(answer, format, command.oneThing);
  if (globals.outFile === undefined) return writeAll(1, bytes);
  const { writeOutFile } = await import("./out-file.ts");
  return writeOutFile(globals.outFile, bytes, isOn(globals.force));
}

export function formatOf(command: Command, { globals, fields }: Line): Format {
  const forms = command.raw?.forms;
  if (forms !== undefined && globals.output !== undefined && forms.of.includes(globals.output)) {
    fields[forms.field] = globals.output;
    return "raw";
  }
  const format = isOn(globals.json) ? "json" : (globals.output ?? (command.text ? "raw" : "json"));
  if (!isFormat(format)) throw new UscError("usage", `-o is not valid: expected one of ${[...formats, ...(forms?.of ?? [])].join(", ")}.`);
  if (format === "raw" && !command.raw && !command.text)
    throw new UscError("usage", `-o raw writes a value's bytes, and \`usc ${command.name}\` answers without one.`);
  return format;
}

const isFormat = (text: string): text is Format => formats.some((format) => format === text);
