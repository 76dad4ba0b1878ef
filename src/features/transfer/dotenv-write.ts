import { type Entry, refuseNul } from "./entry.ts";

/**
 * Lines that a shell evaluates to the very same bytes, and that dotenv readers take. Within single quotes nothing has a meaning. The comment keeps
 * the name as it is, and says what is base64.
 */
export function writeDotenv(entries: readonly Entry[], variables: ReadonlyMap<string, string>): string {
  return entries.map((entry) => line(entry, variables.get(entry.name) ?? "")).join("");
}

function line(entry: Entry, variable: string): string {
  refuseNul(entry);
  return `# usc: ${entry.name}${entry.binary ? " base64" : ""}\n${variable}='${entry.value.replaceAll("'", "'\\''")}'\n`;
}
