import { UscError } from "../../kernel/errors.ts";
import type { Catalogue, Command, Manifest } from "../../kernel/manifest.ts";

/**
 * The command whose words open the line, the longest match first, and what is left of the line. `usc usc list` is `usc list`. `programs` are known
 * as well, to whoever mistypes them.
 */
export function findCommand(
  catalogue: Catalogue,
  argv: readonly string[],
  programs: readonly string[] = [],
): { command: Command; rest: readonly string[] } {
  const words = argv[0] === "usc" ? argv.slice(1) : argv;
  for (let length = Math.min(3, words.length); length > 0; length -= 1) {
    const spoken = words.slice(0, length).join(" ");
    const command = catalogue.named(spoken);
    if (command) return { command, rest: words.slice(length) };
  }
  throw unknown(catalogue.all(), programs, words);
}

function unknown(manifest: Manifest, programs: readonly string[], words: readonly string[]): UscError {
  const flag = words.findIndex((word) => word.startsWith("-"));
  const spoken = words.slice(0, flag === -1 ? 3 : Math.min(flag, 3));
  if (spoken.length === 0) return new UscError("usage", "A command is missing.", { hint: "`usc --help` lists the commands." });
  const all = [...manifest.map((command) => command.name), ...programs];
  const group = all.filter((name) => name.startsWith(`${spoken.join(" ")} `));
  if (group.length > 0) {
    return new UscError("usage", `\`usc ${spoken.join(" ")}\` needs one more word.`, {
      hint: `Known are: ${group.join(", ")}.`,
    });
  }
  const names = [...all, ...manifest.flatMap((command) => command.aliases)];
  const [near] = nearest(spoken.join(" "), names).concat(nearest(spoken[0] ?? "", names));
  return new UscError("usage", `There is no command \`${spoken.join(" ")}\`.`, {
    hint: near === undefined ? "`usc --help` lists the commands." : `Did you mean \`usc ${near}\`?`,
  });
}

/** The known words within two edits (`lits` is `list`), or within a third of a long word's length, nearest first. */
export function nearest(given: string, known: readonly string[]): string[] {
  const limit = given.length < 4 ? 1 : Math.max(2, Math.floor(given.length / 3));
  return known
    .map((word) => ({ word, distance: edits(given, word) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .map(({ word }) => word);
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
