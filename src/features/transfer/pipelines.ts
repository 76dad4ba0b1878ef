import { type Entry, refuseNul } from "./entry.ts";

/** What a CI server is told. */
export interface Told {
  text: string;
  /** Commands for the log, where they do not belong into `text`. */
  masks?: string;
  /** Secrets whose value, or a line of it, is too short to be masked. */
  unmasked: string[];
  /** Secrets of more than one line. */
  multiline: string[];
}

/** A mask of three letters would blank half of the log, and tell the letters by that. */
export const shortestMask = 4;

/** The lines of a value that are to be masked: servers read logs by the line. */
export function masksOf(value: string): { masks: string[]; short: boolean } {
  const lines = value.split(/[\r\n]+/u).map((text) => text.trim());
  const masks = lines.filter((text) => [...text].length >= shortestMask);
  return { masks: [...new Set(masks)], short: lines.some((text) => text !== "" && [...text].length < shortestMask) };
}

const isMultiline = ({ value }: Entry): boolean => /[\r\n]/u.test(value);

/** `$GITHUB_ENV` takes a value between two lines of a word that cannot be in it; masks are commands, which belong into the log. */
export function writeGithub(entries: readonly Entry[], variables: ReadonlyMap<string, string>): Told {
  const masks: string[] = [];
  const told: Told = { text: "", unmasked: [], multiline: entries.filter(isMultiline).map(({ name }) => name) };
  for (const entry of entries) {
    refuseNul(entry);
    const word = `usc_${crypto.randomUUID().replaceAll("-", "")}`;
    told.text += `${variables.get(entry.name)}<<${word}\n${entry.value}\n${word}\n`;
    const own = masksOf(entry.value);
    masks.push(...own.masks.map((text) => `::add-mask::${text.replaceAll("%", "%25")}\n`));
    if (own.short) told.unmasked.push(entry.name);
  }
  return { ...told, masks: masks.join("") };
}

/** Logging commands, for standard output. A variable is masked whole by Azure Pipelines; the lines of a longer one are told one by one before. */
export function writeAzdo(entries: readonly Entry[], variables: ReadonlyMap<string, string>): Told {
  const told: Told = { text: "", unmasked: [], multiline: entries.filter(isMultiline).map(({ name }) => name) };
  for (const entry of entries) {
    refuseNul(entry);
    const own = masksOf(entry.value);
    if (isMultiline(entry)) told.text += own.masks.map((text) => `##vso[task.setsecret]${azdoData(text)}\n`).join("");
    const secret = own.masks.length > 0;
    told.text += `##vso[task.setvariable variable=${variables.get(entry.name)};issecret=${secret}]${azdoData(entry.value)}\n`;
    if (own.short) told.unmasked.push(entry.name);
  }
  return told;
}

const azdoData = (text: string): string => text.replaceAll("%", "%AZP25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
